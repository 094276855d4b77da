"""A view of a catalog on PostgreSQL, without SQLAlchemy."""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import psycopg
from psycopg import Cursor

from store.catalog.databases import mark
from store.catalog.databases.postgresql_connection import connect
from store.catalog.databases.postgresql_errors import OUTDATED, explained
from store.catalog.databases.reading import (
    NOTHING,
    Bound,
    CatalogOutdated,
    Reading,
    Rows,
    Statement,
)
from store.catalog.read_only import newest_sequence
from store.files.layout import Layout

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"

_OWNER = Statement("store.catalog.sql", "store_id")

# A name after one colon; a cast has two.
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)")


class _Row(tuple[Any, ...]):
    """As a row of SQLite is: a value by place or by name."""

    __slots__ = ()
    places: dict[str, int]

    def __getitem__(self, key: Any) -> Any:
        return tuple.__getitem__(self, self.places[key] if isinstance(key, str) else key)

    def keys(self) -> Iterable[str]:
        return self.places.keys()


@cache
def _row_type(names: tuple[str, ...]) -> type[_Row]:
    places = {name: place for place, name in enumerate(names)}
    return type("Row", (_Row,), {"__slots__": (), "places": places})


def _rows(cursor: Cursor[Any]) -> Callable[[Sequence[Any]], _Row]:
    return _row_type(tuple(column.name for column in cursor.description or ()))


@cache
def in_pyformat(statement: str) -> str:
    """A statement without its comments, with its named parameters as psycopg takes them."""
    lines = (line for line in statement.splitlines() if not line.lstrip().startswith("--"))
    return _PARAMETER.sub(r"%(\1)s", "\n".join(lines).replace("%", "%%"))


class _Reading:
    """Values are put into the text by the client: the server could not tell the type of a NULL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: Statement, bound: Bound = NOTHING) -> Rows:
        cursor = psycopg.ClientCursor(self._connection, row_factory=_rows)
        return cursor.execute(in_pyformat(statement.text("postgresql")), bound)


@contextlib.contextmanager
def opened(layout: Layout, *, is_raw: bool) -> Iterator[tuple[Reading, Callable[[], int]]]:
    if layout.database is None:
        raise ValueError("this catalog is a file")
    with (
        explained(),
        contextlib.closing(
            connect(layout.database, name="raytrail question", is_raw=is_raw)
        ) as connection,
    ):
        connection.execute(BEGIN)
        try:
            reading = _Reading(connection)
            owner = reading.execute(_OWNER).fetchone()
            mark.demand_owner(layout, owner and owner[0])
            yield reading, lambda: _look_again(layout)
        except psycopg.Error as error:
            if error.sqlstate in OUTDATED:
                raise CatalogOutdated from error
            raise


def _look_again(layout: Layout) -> int:
    with opened(layout, is_raw=False) as (reading, _):
        return newest_sequence(reading)
