"""The catalog opened for reading only, with the standard library's SQLite driver.

A question reads a few rows. SQLAlchemy takes 0.3 s of CPU to load, longer than the whole question,
so statements that a question needs are `.sql` files with named parameters, which SQLAlchemy's
text() takes too.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from store.catalog.sqlite_errors import explained
from store.errors import StoreTooNew, StoreUnavailable
from store.parquet.footer import FORMAT, OLDEST_FORMAT

# A commit takes milliseconds; after this long, something holds the catalog for good. Shorter than
# a request's deadline, so that the sender gets a 503 instead of a cut connection.
LOCK_SECONDS_MAX = 20.0


class CatalogOutdated(Exception):
    """An older version wrote the catalog, and a table or column of this version is missing."""


def demand(path: Path) -> None:
    """A wrong folder is an error, never an empty store."""
    if not path.is_file():
        raise StoreUnavailable(f"no store at {path.parent}")


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """One consistent view of the catalog at `path`; nothing committed meanwhile shows up in it."""
    demand(path)
    with explained(), contextlib.closing(_connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        try:
            _require_known_format(connection, path)
            yield connection
        except sqlite3.OperationalError as error:
            if str(error).startswith(("no such table", "no such column")):
                raise CatalogOutdated from error
            raise


def _require_known_format(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute(_store_format()).fetchone()
    number = int(found[0]) if found else OLDEST_FORMAT
    if number > FORMAT:
        raise StoreTooNew(str(path.parent), number, FORMAT)


@cache
def _store_format() -> str:
    return resources.files("store.catalog.sql").joinpath("store_format.sql").read_text("utf-8")


def _connect(path: Path) -> sqlite3.Connection:
    # Not `mode=ro`: the last connection to close could then not remove the files of the WAL.
    uri = f"file:{quote(str(path))}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS_MAX, isolation_level=None)
