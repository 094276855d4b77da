"""Runs SQL that many databases of one process need, and parses each text once.

DuckDB parses the definition of a large macro for as long as it makes the macro.
"""

from functools import lru_cache

import duckdb

# All definitions and comments there are, many times over.
TEXTS_MAX = 1_000


def run(connection: duckdb.DuckDBPyConnection, text: str) -> None:
    """Run every statement of a text without parameters."""
    for statement in _parsed(text).statements(connection):
        connection.execute(statement)


class _Parsed:
    """Statements belong to no connection; only to parse them takes one."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._statements: tuple[duckdb.Statement, ...] | None = None

    def statements(self, connection: duckdb.DuckDBPyConnection) -> tuple[duckdb.Statement, ...]:
        if self._statements is None:
            self._statements = tuple(connection.extract_statements(self._text))
        return self._statements


@lru_cache(TEXTS_MAX)
def _parsed(text: str) -> _Parsed:
    return _Parsed(text)
