"""Finds which shared views and macros a statement needs, by the words in it.

To find one too many costs a millisecond. One that is not found is not lost: see analyst.py.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_CREATED = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?P<kind>macro|view|table)\s+(?P<schema>\w+\.)?(?P<name>\w+)"
    r"(?P<is_table_macro>\s*\([^()]*\)\s*as\s+table\b)?",
    re.IGNORECASE,
)

# A name, and whether it is called.
_TOKEN = re.compile(r"(\w+)(?:\"?\s*(\())?")

# What a statement reads and calls, and what it names itself by WITH.
_READ = re.compile(r"\b(?:from|join)\s+([\w.]+)")
_CALLED = re.compile(r"([\w.]+)\(")
_NAMED = re.compile(r"\b(\w+)\s+as\s+(?:materialized\s+)?\(")

# All definitions there are, many times over: each has the same tokens in every engine.
DEFINITIONS_MAX = 1_000

# No definition names another in a text or a comment.
_TEXT_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


@dataclass(frozen=True, slots=True)
class Definition:
    """`token` is what names it: `logins`, or `trail(` for a macro, without a schema."""

    statement: str
    token: str
    tokens: frozenset[str]
    # Whether it is a macro that makes rows, and that is called without a schema.
    is_row_macro: bool

    @property
    def is_view(self) -> bool:
        return not self.token.endswith("(")


def tokens_of(text: str) -> frozenset[str]:
    """Each word, and each that is called with an opening bracket behind it too."""
    found = _TOKEN.findall(text.lower())
    words = {word for word, _ in found}
    return frozenset(words | {f"{word}(" for word, is_called in found if is_called})


def reads_of(statement: str) -> str:
    """The words of a statement of ours that name what it reads or calls.

    Its sentences have the names of views too, and so have its columns and what it names by WITH: a
    view that it does not read takes a tenth of a second.
    """
    plain = _TEXT_OR_COMMENT.sub(" ", statement.lower())
    read = set(_READ.findall(plain)).difference(_NAMED.findall(plain))
    return " ".join([*sorted(read), *sorted({f"{each}(" for each in _CALLED.findall(plain)})])


@lru_cache(DEFINITIONS_MAX)
def definition(statement: str) -> Definition:
    plain = _TEXT_OR_COMMENT.sub(" ", statement)
    created = _CREATED.match(plain)
    if created is None:
        raise ValueError(f"this makes no view and no macro: {statement[:80]!r}")
    name, is_macro = created["name"].lower(), created["kind"].lower() == "macro"
    return Definition(
        statement,
        f"{name}(" if is_macro else name,
        tokens_of(plain),
        is_row_macro=bool(created["is_table_macro"]) and not created["schema"],
    )


class Definitions:
    """Statements that make views and macros, in order: a later one may name an earlier one."""

    def __init__(self, statements: Iterable[str]) -> None:
        self._all = tuple(map(definition, statements))
        self._by_token: dict[str, list[Definition]] = {}
        for each in self._all:
            self._by_token.setdefault(each.token, []).append(each)

    def extended(self, statements: Iterable[str]) -> "Definitions":
        """With more statements, which may name these."""
        return Definitions((*self.everything(), *statements))

    @property
    def row_macros(self) -> frozenset[str]:
        return frozenset(each.token.rstrip("(") for each in self._all if each.is_row_macro)

    def closure(self, tokens: frozenset[str]) -> frozenset[str]:
        """The tokens, and those of all definitions that they name."""
        found, waiting = set[str](), set(tokens)
        while waiting:
            token = waiting.pop()
            found.add(token)
            for each in self._by_token.get(token, ()):
                waiting |= each.tokens - found
        return frozenset(found)

    @property
    def views(self) -> frozenset[str]:
        return frozenset(each.token for each in self._all if each.is_view)

    def needed(self, closure: frozenset[str]) -> list[str]:
        return [each.statement for each in self._all if each.token in closure]

    def everything(self) -> list[str]:
        return [each.statement for each in self._all]
