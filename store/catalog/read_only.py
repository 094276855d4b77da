"""The catalog opened for reading only, without SQLAlchemy.

A question reads a few rows. SQLAlchemy takes 0.3 s of CPU to load, longer than the whole question,
so statements that a question needs are `.sql` files with named parameters, which SQLAlchemy's
text() takes too. SQLite is read with the standard library's driver, PostgreSQL with psycopg.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from store.catalog.agreement import unclean_stop
from store.catalog.databases import mark
from store.catalog.databases.reading import (
    NOTHING,
    Bound,
    CatalogOutdated,
    Reading,
    Rows,
    Statement,
)
from store.catalog.sqlite_errors import explained
from store.errors import CatalogBehind, CatalogMissing, StoreTooNew, StoreUnavailable
from store.files.layout import Layout
from store.ledger.ledger_files import ledger_files
from store.ledger.tail import newest_act
from store.parquet.footer import FORMAT, OLDEST_FORMAT

# A commit takes milliseconds; after this long, something holds the catalog for good. Shorter than
# a request's deadline, so that the sender gets a 503 instead of a cut connection.
LOCK_SECONDS_MAX = 20.0

REBUILD = "`raytrail rebuild` makes it again from ledger/ and the files"

_NEWEST = Statement("store.catalog.sql", "newest_entry")
_FORMAT = Statement("store.catalog.sql", "store_format")


def demand(layout: Layout) -> None:
    """A wrong folder is an error, never an empty store."""
    mark.demand_place(layout)
    if layout.database is not None:
        return
    path = layout.catalog
    is_there = path.is_file()
    if not is_there or not path.stat().st_size:
        if ledger_files(layout):
            raise CatalogMissing(f"{path} is missing or empty; {REBUILD}")
        if not is_there:
            raise StoreUnavailable(f"no store at {path.parent}")


def demand_current(layout: Layout, known: int, look_again: Callable[[], int]) -> None:
    """Raise CatalogBehind if `ledger/` tells of an act behind `known`, the catalog's newest entry.

    The line of an act is written behind its commit, so `look_again` reads the catalog once more
    before it is called old. A receipt may be ahead: the next start enters it.
    """
    act = newest_act(layout, after=known)
    if act is not None and act > (known := look_again()):
        raise CatalogBehind(
            f"{layout.catalog_name} ends with entry {known}, and ledger/ has entry {act}: it is an"
            f" old catalog; {REBUILD}"
        )


@contextlib.contextmanager
def opened(layout: Layout, *, is_raw: bool = False) -> Iterator[Reading]:
    """One consistent view of the catalog; nothing committed meanwhile shows up in it.

    With `is_raw` texts are bytes. CatalogOutdated if an older version wrote it.
    """
    demand(layout)
    if layout.database is None:
        view = _opened(layout, is_raw=is_raw)
    else:
        # Late: a store with its catalog inside needs no driver of PostgreSQL.
        from store.catalog.databases import postgresql_reading  # noqa: PLC0415

        view = postgresql_reading.opened(layout, is_raw=is_raw)
    with view as (reading, look_again):
        _require_known_format(reading, layout)
        demand_current(layout, newest_sequence(reading), look_again)
        yield reading


class _SQLiteReading:
    """Statements on a connection of the standard library's driver."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, statement: Statement, bound: Bound = NOTHING) -> Rows:
        return self._connection.execute(statement.text("sqlite"), bound)


@contextlib.contextmanager
def _opened(layout: Layout, *, is_raw: bool) -> Iterator[tuple[Reading, Callable[[], int]]]:
    with (
        explained(),
        readable(layout.catalog) as uri,
        contextlib.closing(_connect(uri)) as connection,
    ):
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        if is_raw:
            connection.text_factory = bytes
        try:
            yield _SQLiteReading(connection), lambda: _look_again(uri)
        except sqlite3.OperationalError as error:
            if str(error).startswith(("no such table", "no such column")):
                raise CatalogOutdated from error
            raise


def newest_sequence(reading: Reading) -> int:
    row = reading.execute(_NEWEST).fetchone()
    return int(row[0]) if row else 0


def _look_again(uri: str) -> int:
    with contextlib.closing(_connect(uri)) as connection:
        return newest_sequence(_SQLiteReading(connection))


def _require_known_format(reading: Reading, layout: Layout) -> None:
    found = reading.execute(_FORMAT).fetchone()
    number = int(found[0]) if found else OLDEST_FORMAT
    if number > FORMAT:
        raise StoreTooNew(str(layout.root), number, FORMAT)


def is_writable(layout: Layout) -> bool:
    """Whether this process may write the catalog, and files in the data folder."""
    if layout.database is not None:
        return os.access(layout.root, os.W_OK)
    return _is_writable(layout.catalog)


def _is_writable(path: Path) -> bool:
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[str]:
    """A URI to read the catalog with, also where its folder cannot be written.

    To read a log (WAL), SQLite needs the file `-shm` beside it, and makes it if it may.
    """
    log, shared = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    if _is_writable(path):
        unclean_stop.note(Layout(path.parent))
        # Not `mode=ro`: the last connection to close could then not remove the files of the WAL.
        yield _uri(path, "mode=rw")
    elif shared.exists():
        yield _uri(path, "mode=ro")
    elif not log.exists() or not log.stat().st_size:
        # Nobody has it open, and everything is in the one file.
        yield _uri(path, "mode=ro&immutable=1")
    else:
        # Its last process was killed, and SQLite cannot read what that one left in the log.
        with tempfile.TemporaryDirectory(prefix="raytrail-") as folder:
            copy = Path(folder, path.name)
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
            yield _uri(copy, "mode=rw")


@contextlib.contextmanager
def copied(path: Path) -> Iterator[Path]:
    """A temporary copy of the catalog, which can be migrated."""
    with tempfile.TemporaryDirectory(prefix="raytrail-") as folder, readable(path) as uri:
        copy = Path(folder, path.name)
        with (
            explained(),
            contextlib.closing(_connect(uri)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        yield copy


def _uri(path: Path, options: str) -> str:
    return f"file:{quote(str(path))}?{options}"


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=LOCK_SECONDS_MAX, isolation_level=None)
