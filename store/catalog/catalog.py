"""Opens the catalog and hands out its two kinds of transaction.

SQLite in WAL mode with synchronous=FULL: a commit is on disk before it returns. Writers
take the lock when they begin, so what they read stays true until they commit.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from store.backoff import Patience
from store.catalog import migration
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.files import durable

# A writer's commit takes milliseconds; past this something holds the catalog for good.
# Shorter than a request's deadline, so that the sender hears 503 and not silence.
LOCK_SECONDS_MAX = 20.0

# Of several who turn a new catalog's journal to WAL at once, SQLite sends all but one away without
# waiting (two that wait for each other would never end). The turn takes milliseconds.
TURNING = Patience(seconds_max=5.0)

# More than one process ever has threads at work on it, so none waits for a connection while
# another waits for the lock.
CONNECTIONS_MAX = 64

# What was deleted is overwritten: a hold or a range of users may name a person.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

_ERRORS = {
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_FULL: NoRoom,
    sqlite3.SQLITE_IOERR: DiskFailed,
    sqlite3.SQLITE_CANTOPEN: StoreUnavailable,
    sqlite3.SQLITE_READONLY: StoreUnavailable,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
}


class Catalog:
    """One process's door to the catalog; close it with the process that opened it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; nothing another process commits shows up inside."""
        with _operator_errors(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer until the block ends; committed and synced when it ends well."""
        with _operator_errors(), self._writing.begin() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Write a copy of one moment into an empty file, while others write on; it is not synced.

        A copy has no room of what was deleted in it.
        """
        # A copy may not be made inside a transaction, so the one here is none.
        outside = self._engine.execution_options(begin="SELECT 1")
        with _operator_errors(), outside.begin() as connection:
            connection.execute(text("VACUUM INTO :path"), {"path": str(path)})

    def purge(self, patience: Patience) -> None:
        """Write the catalog anew, so that no byte of what was deleted is left in any of its files.

        Nobody writes meanwhile. StoreBusy when somebody reads for longer than patience lasts;
        then the bytes are there until the next purge.
        """
        for _ in patience.tries():
            with contextlib.suppress(StoreBusy), _operator_errors():
                if self._rewrite():
                    return
        raise StoreBusy("catalog: somebody reads it all the time, so it could not be purged")

    def _rewrite(self) -> bool:
        """Whether nothing is left in the log that a reader still needs."""
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_ = cursor.fetchone() or (1,)
            return not is_busy

    def close(self) -> None:
        self._engine.dispose()


def create(path: Path) -> Catalog:
    """Open the catalog at `path`, making it where it is missing."""
    is_new = not path.exists()
    catalog = _migrated(path)
    if is_new:
        durable.sync_folder(path.parent)
    return catalog


def open_existing(path: Path) -> Catalog:
    """Open a catalog that must be there; a wrong folder is an error, never an empty store."""
    if not path.is_file():
        raise StoreUnavailable(f"no store at {path.parent}")
    return _migrated(path)


def open_draft(path: Path) -> Catalog:
    """Open a copy that nobody else knows of yet. What is written to it is not synced: whoever
    gives it a name does that, and one that was not given a name is of no use.
    """
    return _migrated(path, pragmas=("journal_mode=MEMORY", "synchronous=OFF", "secure_delete=ON"))


def open_frozen(path: Path) -> Catalog:
    """Open a catalog that nobody writes to, even where nothing may be written: a backup's."""
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true")
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin)
    return Catalog(engine)


def _migrated(path: Path, pragmas: tuple[str, ...] = PRAGMAS) -> Catalog:
    """Open, and add what an older version did not know; nothing is locked if that is nothing."""
    catalog = _open(path, pragmas)
    try:
        with catalog.read() as connection:
            is_old = migration.is_needed(connection)
        if is_old:
            with catalog.write() as connection:
                migration.migrate(connection)
    except BaseException:
        catalog.close()
        raise
    return catalog


def _open(path: Path, pragmas: tuple[str, ...]) -> Catalog:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": LOCK_SECONDS_MAX, "check_same_thread": False},
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS_MAX,
        # An error that nobody foresaw ends in a log, and a value may be a name.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "connect", partial(_prepare, pragmas))
    event.listen(engine, "begin", _begin)
    return Catalog(engine)


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own notion of transactions off; ours is explicit, in _begin.
    connection.isolation_level = None


def _prepare(pragmas: tuple[str, ...], connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in pragmas:
        _set(pragma, connection)


def _set(pragma: str, connection: sqlite3.Connection) -> None:
    for _ in TURNING.tries():
        with contextlib.suppress(StoreBusy), _operator_errors():
            connection.execute(f"PRAGMA {pragma}")
            return
    raise StoreBusy("catalog: somebody holds it all the time")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


@contextlib.contextmanager
def _operator_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreBusy("catalog: every connection is in use") from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low byte is the family
        known = _ERRORS.get(code)
        if known is None:
            raise
        raise known(f"catalog: {cause}") from error
