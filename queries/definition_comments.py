"""What an analyst reads about each view and macro: the leading comment of its file.

The first sentence of the comment becomes its COMMENT. A line `Example:` begins a statement that can
be run, and a line `Columns:` the columns of a view, each on a line `name: meaning`; both end at an
empty line. `Columns: those of requests` takes over those of another view, and more can follow on the
next lines.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from queries.path_templates import literal
from schema.dataset import datasets
from store.files.layout import REJECTED
from store.parquet.dataset_columns import quoted
from store.reading.shell.comments import REJECTED_LINES, meaning_of

_MADE = re.compile(
    r"^create\s+(?P<kind>macro|view)\s+(?P<name>[a-z_]+)\s*(?:\((?P<given>[^)]*)\))?\s+as\b"
    r"(?P<table>\s+table\b)?",
    re.IGNORECASE | re.MULTILINE,
)
_SENTENCE = re.compile(r".*?[.:?](?=\s|$)", re.DOTALL)
_SECTION = re.compile(
    r"^(?P<title>Columns|Example): *(?P<rest>.*?)(?=^(?:Columns|Example):|^$|\Z)",
    re.DOTALL | re.MULTILINE,
)
_COLUMN = re.compile(r"^ {2}(?P<name>\w+): +(?P<meaning>\S.*(?:\n {3,}\S.*)*)", re.MULTILINE)
_THOSE_OF = re.compile(r"those of (?P<name>\w+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A view, a macro or a table macro. `asked_as` is its name with its parameters and defaults."""

    name: str
    kind: str
    asked_as: str
    meaning: str
    example: str
    columns: Mapping[str, str]
    columns_of: str | None


def described(text: str) -> Described:
    """What the text of a file tells about its view or macro."""
    made = _MADE.search(text)
    if made is None:
        raise ValueError(f"this file makes no view and no macro: {text[:80]!r}")
    comment = _leading_comment(text)
    sections = {found["title"]: found["rest"] for found in _SECTION.finditer(comment)}
    columns = sections.get("Columns", "")
    other = _THOSE_OF.match(columns)
    given = made["given"]
    return Described(
        name=made["name"],
        kind=f"table {made['kind']}" if made["table"] else made["kind"],
        asked_as=made["name"] if given is None else f"{made['name']}({_in_one_line(given)})",
        meaning=_first_sentence(comment.partition("\n\n")[0]),
        example=_in_one_line(sections.get("Example", "")).rstrip(";"),
        columns={
            found["name"]: _in_one_line(found["meaning"]) for found in _COLUMN.finditer(columns)
        },
        columns_of=other["name"] if other else None,
    )


def comments(texts: Sequence[str]) -> Iterator[str]:
    """One statement for each view and macro that the texts make, and for each column of a view."""
    found = {each.name: each for each in map(described, texts)}
    for each in found.values():
        kind = {"macro": "macro", "table macro": "macro table", "view": "view"}[each.kind]
        yield f"comment on {kind} {quoted(each.name)} is {literal(each.meaning)}"
        if each.kind == "view":
            for column, meaning in columns(each, found).items():
                place = f"{quoted(each.name)}.{quoted(column)}"
                yield f"comment on column {place} is {literal(meaning)}"


def columns(view: Described, others: Mapping[str, Described]) -> Mapping[str, str]:
    """The columns of a view with their meanings, also those that it takes over."""
    if view.columns_of is None:
        return view.columns
    return {**columns(others[view.columns_of], others), **view.columns}


def help_rows(texts: Sequence[str]) -> str:
    """What `help()` shows, as JSON text: what the texts make, and the datasets."""
    ours = (
        {
            "name": each.name,
            "kind": each.kind,
            "asked_as": each.asked_as,
            "meaning": each.meaning,
            "example": each.example,
        }
        for each in map(described, texts)
    )
    return orjson.dumps([*ours, *_datasets()]).decode()


def _datasets() -> Iterator[dict[str, str]]:
    meanings = {name: meaning_of(dataset) for name, dataset in sorted(datasets().items())}
    for name, meaning in {**meanings, REJECTED: REJECTED_LINES}.items():
        yield {
            "name": name,
            "kind": "dataset",
            "asked_as": name,
            "meaning": meaning,
            "example": f"from {name} where date = '2026-11-20'",
        }


def _leading_comment(text: str) -> str:
    lines = itertools.takewhile(lambda line: line.startswith("--"), text.splitlines())
    return "\n".join(line[2:].removeprefix(" ").rstrip() for line in lines)


def _first_sentence(paragraph: str) -> str:
    plain = _in_one_line(paragraph)
    found = _SENTENCE.match(plain)
    return found[0] if found else plain


def _in_one_line(text: str) -> str:
    return " ".join(text.split())
