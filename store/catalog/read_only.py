"""The catalog opened for reading only, with the standard library's SQLite driver.

A question reads a few rows. SQLAlchemy takes 0.3 s of CPU to load, longer than the whole question,
so statements that a question needs are `.sql` files with named parameters, which SQLAlchemy's
text() takes too.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path
from urllib.parse import quote

from store.catalog.agreement import unclean_stop
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


class CatalogOutdated(Exception):
    """An older version wrote the catalog, and a table or column of this version is missing."""


def demand(path: Path) -> None:
    """A wrong folder is an error, never an empty store."""
    is_there = path.is_file()
    if not is_there or not path.stat().st_size:
        if ledger_files(Layout(path.parent)):
            raise CatalogMissing(f"{path} is missing or empty; {REBUILD}")
        if not is_there:
            raise StoreUnavailable(f"no store at {path.parent}")


def demand_current(path: Path, known: int, look_again: Callable[[], int]) -> None:
    """Raise CatalogBehind if `ledger/` tells of an act behind `known`, the catalog's newest entry.

    The line of an act is written behind its commit, so `look_again` reads the catalog once more
    before it is called old. A receipt may be ahead: the next start enters it.
    """
    act = newest_act(Layout(path.parent), after=known)
    if act is not None and act > (known := look_again()):
        raise CatalogBehind(
            f"{path} ends with entry {known}, and ledger/ has entry {act}: it is an old catalog;"
            f" {REBUILD}"
        )


@contextlib.contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """One consistent view of the catalog at `path`; nothing committed meanwhile shows up in it."""
    demand(path)
    with (
        explained(),
        readable(path) as uri,
        contextlib.closing(_connect(uri)) as connection,
    ):
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        try:
            _require_known_format(connection, path)
            demand_current(path, _newest_sequence(connection), lambda: _look_again(uri))
            yield connection
        except sqlite3.OperationalError as error:
            if str(error).startswith(("no such table", "no such column")):
                raise CatalogOutdated from error
            raise


def _newest_sequence(connection: sqlite3.Connection) -> int:
    return int(connection.execute(_statement("newest_entry")).fetchone()[0])


def _look_again(uri: str) -> int:
    with contextlib.closing(_connect(uri)) as connection:
        return _newest_sequence(connection)


def _require_known_format(connection: sqlite3.Connection, path: Path) -> None:
    found = connection.execute(_statement("store_format")).fetchone()
    number = int(found[0]) if found else OLDEST_FORMAT
    if number > FORMAT:
        raise StoreTooNew(str(path.parent), number, FORMAT)


@cache
def _statement(name: str) -> str:
    return resources.files("store.catalog.sql").joinpath(f"{name}.sql").read_text("utf-8")


def is_writable(path: Path) -> bool:
    """Whether this process may write the catalog at `path`, and files beside it."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[str]:
    """A URI to read the catalog with, also where its folder cannot be written.

    To read a log (WAL), SQLite needs the file `-shm` beside it, and makes it if it may.
    """
    log, shared = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    if is_writable(path):
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
