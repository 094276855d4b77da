"""Every mutant of an SQL file, found in its text without comments and literals."""

import re
from collections.abc import Iterator

from tests.mutation.mutant import Mutant

# The kind, what it looks for, and what it puts in its place.
REPLACEMENTS = (
    ("comparison flipped", r"(?<![<>=!:])>=", ">"),
    ("comparison flipped", r"(?<![<>=!:])<=(?!>)", "<"),
    ("comparison flipped", r"(?<![-<>=!:])>(?![=>])", ">="),
    ("comparison flipped", r"(?<![<>=!:])<(?![<>=])", "<="),
    ("comparison flipped", r"(?<![<>=!:])=(?!=)", "<>"),
    ("comparison flipped", r"<>", "="),
    ("comparison flipped", r"\bis not null\b", "is null"),
    ("comparison flipped", r"\bis null\b", "is not null"),
    ("and/or swapped", r"(?<!between 1 )\band\b", "or"),
    ("and/or swapped", r"\bor\b", "and"),
    ("not dropped", r"\bnot (?!null|materialized|true|in\b)", ""),
    ("union all to union", r"\bunion all\b", "union"),
    ("branch dropped", r"(?s:\bwhen\b(?:(?!\b(?:when|else|end)\b).)*(?=\b(?:when|else)\b))", ""),
    ("order turned", r"\bdesc\b", "asc"),
    ("nulls turned", r"\bnulls first\b", "nulls last"),
    ("nulls turned", r"\bnulls last\b", "nulls first"),
    ("condition dropped", r"(?m)^ +and [^()\n]*(?:\([^()\n]*\)[^()\n]*)*$", ""),
    ("distinct dropped", r"\bdistinct (?!from)", ""),
)
NUMBER = r"(?<![\w$.:'])\d+(?![\w.'])"
HIDDEN = r"--[^\n]*|'(?:[^']|'')*'"


def sql_mutants(file: str, source: bytes) -> list[Mutant]:
    text = source.decode()
    # Hidden text keeps its width, so that positions stay those of the file.
    bare = re.sub(HIDDEN, lambda found: "'" * len(found[0]), text)
    return [
        Mutant(
            file,
            text.count("\n", 0, start) + 1,
            kind,
            len(text[:start].encode()),
            len(text[:end].encode()),
            replacement.encode(),
        )
        for kind, start, end, replacement in _found_in(bare)
    ]


def _found_in(bare: str) -> Iterator[tuple[str, int, int, str]]:
    for kind, pattern, replacement in REPLACEMENTS:
        for found in re.finditer(pattern, bare, re.IGNORECASE):
            yield kind, *found.span(), replacement
    for found in re.finditer(NUMBER, bare):
        yield "number + 1", *found.span(), str(int(found[0]) + 1)
    for found in re.finditer(r"\border by\b", bare, re.IGNORECASE):
        yield "order by dropped", found.start(), _end_of_order(bare, found.end()), ""


def _end_of_order(bare: str, start: int) -> int:
    """An order ends at a limit, at the end of the statement, or where its bracket closes."""
    depth, end = 0, start
    while end < len(bare) and not re.match(r"limit\b|;|--", bare[end:], re.IGNORECASE):
        depth += {"(": 1, ")": -1}.get(bare[end], 0)
        if depth < 0:
            break
        end += 1
    return end
