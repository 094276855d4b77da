"""Finds the definitions that a statement needs, so that an engine makes no others.

To make all of them takes DuckDB longer than most questions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

# A statement with such a word may ask for anything that is defined.
_OF_CATALOG = re.compile(r"show|duckdb_\w+|pg_\w+|sqlite_\w+|information_schema")

_CREATED = re.compile(
    r"\s*create\s+(?:or\s+replace\s+)?(?:macro|view|table)\s+(?P<schema>\w+\.)?(?P<name>\w+)"
    r"(?P<is_table_macro>\s*\([^()]*\)\s*as\s+table\b)?",
    re.IGNORECASE,
)

# All definitions there are, many times over: each has the same words in every engine.
DEFINITIONS_MAX = 1_000

# No definition names another in a text or a comment.
_TEXT_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*")


@dataclass(frozen=True, slots=True)
class Definition:
    """`name` is without its schema; None for a statement that makes nothing, as COMMENT."""

    statement: str
    name: str | None
    words: frozenset[str]
    # Whether it is a macro that makes rows, and that is called without a schema.
    is_row_macro: bool


def words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


@lru_cache(DEFINITIONS_MAX)
def definition(statement: str) -> Definition:
    plain = _TEXT_OR_COMMENT.sub(" ", statement)
    created = _CREATED.match(plain)
    if created is None:
        return Definition(statement, None, words_of(plain), is_row_macro=False)
    is_row_macro = bool(created["is_table_macro"]) and not created["schema"]
    return Definition(statement, created["name"].lower(), words_of(plain), is_row_macro)


class Definitions:
    """Definitions in order: a later one may name an earlier one."""

    def __init__(self, statements: Iterable[str]) -> None:
        self._all = tuple(map(definition, statements))
        self._by_name: dict[str, list[Definition]] = {}
        for each in self._all:
            if each.name is not None:
                self._by_name.setdefault(each.name, []).append(each)

    def row_macros(self) -> frozenset[str]:
        return frozenset(each.name for each in self._all if each.name and each.is_row_macro)

    def needed(self, statement: str) -> list[str]:
        """What this statement names, and what that names, in order."""
        words = self.words(statement)
        if any(map(_OF_CATALOG.fullmatch, words)):
            return self.everything()
        return [each.statement for each in self._all if each.name in words]

    def everything(self) -> list[str]:
        return [each.statement for each in self._all]

    def words(self, statement: str) -> set[str]:
        """The words of a statement, and of all definitions that it needs."""
        found, waiting = set[str](), set(words_of(statement))
        while waiting:
            word = waiting.pop()
            found.add(word)
            for each in self._by_name.get(word, ()):
                waiting |= each.words - found
        return found
