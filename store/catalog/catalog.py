"""Opens the catalog, and gives it read and write transactions.

SQLite in WAL mode with synchronous=FULL: a commit is on disk before it returns. A write
transaction takes the lock when it begins, so what it reads stays true until it commits.
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

from store.backoff import Backoff
from store.catalog import migration, read_only, sqlite_errors
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.errors import StoreBusy, StoreUnavailable
from store.files import durable

# When several processes switch a new catalog to WAL at once, SQLite refuses all but one without
# waiting (two that wait for each other would never end). The switch takes milliseconds.
JOURNAL_BACKOFF = Backoff(seconds_max=5.0)

# More than the threads of any process, so that no thread waits for a connection while another
# waits for the lock.
CONNECTIONS_MAX = 64

# Deleted rows are overwritten: a hold or a range of users may name a person.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")


class Catalog:
    """One process's connections to the catalog. The process that opened it closes it."""

    def __init__(self, engine: Engine, held: contextlib.ExitStack | None = None) -> None:
        """`held` is what a catalog needs that can only be read; None for one that can be written."""
        self._engine = engine
        self._held = held
        self._writing = engine.execution_options(begin="BEGIN IMMEDIATE")

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view: commits of other processes do not show inside the block."""
        with _operator_errors(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer until the block ends. Committed and synced unless the block raises."""
        if self._held is not None:
            raise StoreUnavailable(
                "this command changes the store, and its folder cannot be written here"
            )
        with _operator_errors(), self._writing.begin() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy into an empty file, while others go on writing. It is not synced.

        The copy contains no bytes of deleted rows.
        """
        # VACUUM is impossible inside a transaction, so this block begins none.
        outside = self._engine.execution_options(begin="SELECT 1")
        with _operator_errors(), outside.begin() as connection:
            connection.execute(text("VACUUM INTO :path"), {"path": str(path)})

    def purge(self, backoff: Backoff) -> None:
        """Rewrite the catalog, so that no byte of a deleted row is left in any of its files.

        It blocks writers. Raises StoreBusy if readers hold the log for longer than `backoff`
        allows; the bytes then stay until the next purge.
        """
        for _ in backoff.attempts():
            with contextlib.suppress(StoreBusy), _operator_errors():
                if self._rewrite():
                    return
        raise StoreBusy("catalog: it could not be purged, because other processes kept reading it")

    def _rewrite(self) -> bool:
        """Rewrite once; False if a reader still needs the log."""
        with contextlib.closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_ = cursor.fetchone() or (1,)
            return not is_busy

    def close(self) -> None:
        self._engine.dispose()
        if self._held is not None:
            self._held.close()


def create(path: Path) -> Catalog:
    """Open the catalog at `path`; create it if it is missing."""
    is_new = not path.exists()
    catalog = _migrated(path)
    if is_new:
        durable.sync_folder(path.parent)
    return catalog


def open_existing(path: Path) -> Catalog:
    """Open a catalog that must exist; a wrong folder is an error, never an empty store."""
    read_only.demand(path)
    return _migrated(path) if read_only.is_writable(path) else _open_unwritable(path)


@contextlib.contextmanager
def migrated(path: Path) -> Iterator[Path]:
    """A catalog that has everything of this version: `path` itself, or a temporary copy of one that
    cannot be written.
    """
    if read_only.is_writable(path):
        _migrated(path).close()
        yield path
        return
    with read_only.copied(path) as copy:
        _migrated(copy).close()
        yield copy


def open_draft(path: Path) -> Catalog:
    """Open a copy that no other process uses yet. Writes are not synced: the caller syncs the file
    when it gives it its final name.
    """
    return _migrated(path, pragmas=("journal_mode=MEMORY", "synchronous=OFF", "secure_delete=ON"))


def open_frozen(path: Path) -> Catalog:
    """Open a catalog that no process writes to, such as a backup's, even on a read-only disk."""
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true")
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", _begin)
    catalog = Catalog(engine)
    try:
        with catalog.read() as connection:
            migration.require_known_format(connection, str(path.parent))
    except BaseException:
        catalog.close()
        raise
    return catalog


def _open_unwritable(path: Path) -> Catalog:
    """Open for reading only, with a copy where an older version wrote the catalog."""
    with contextlib.ExitStack() as stack:
        held = stack.enter_context(contextlib.ExitStack())
        catalog = _read(held.enter_context(read_only.readable(path)), held)
        with catalog.read() as connection:
            migration.require_known_format(connection, str(path.parent))
            is_old = migration.is_needed(connection)
        if is_old:
            copy = held.enter_context(migrated(path))
            catalog = _read(held.enter_context(read_only.readable(copy)), held)
        # From here on the catalog closes what it holds.
        stack.pop_all()
    return catalog


def _read(uri: str, held: contextlib.ExitStack) -> Catalog:
    engine = create_engine(f"sqlite:///{uri}&uri=true", hide_parameters=True)
    held.callback(engine.dispose)
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "connect", partial(_prepare, ("query_only=ON",)))
    event.listen(engine, "begin", _begin)
    return Catalog(engine, held)


def _migrated(path: Path, pragmas: tuple[str, ...] = PRAGMAS) -> Catalog:
    """Open, and migrate if needed. Takes no lock if nothing is missing."""
    catalog = _open(path, pragmas)
    try:
        with catalog.read() as connection:
            migration.require_known_format(connection, str(path.parent))
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
        # Unexpected errors are logged with their statement, and a value may name a person.
        hide_parameters=True,
    )
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "connect", partial(_prepare, pragmas))
    event.listen(engine, "begin", _begin)
    return Catalog(engine)


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: Any) -> None:
    # Switch the driver's own transactions off; _begin begins ours.
    connection.isolation_level = None


def _prepare(pragmas: tuple[str, ...], connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in pragmas:
        _set(pragma, connection)


def _set(pragma: str, connection: sqlite3.Connection) -> None:
    for _ in JOURNAL_BACKOFF.attempts():
        with contextlib.suppress(StoreBusy), _operator_errors():
            connection.execute(f"PRAGMA {pragma}")
            return
    raise StoreBusy("catalog: locked by another process; try again")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


@contextlib.contextmanager
def _operator_errors() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StoreBusy("catalog: every connection is in use; try again") from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        known = sqlite_errors.meaning(cause)
        if known is None:
            raise
        raise known from error
