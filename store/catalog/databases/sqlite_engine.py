"""SQLAlchemy engines on a SQLite file, which leave transactions to the catalog.

A write transaction takes the lock when it begins, so what it reads stays true until it commits.
"""

import contextlib
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event

from store.backoff import Backoff
from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.catalog.sqlite_errors import explained, meaning
from store.errors import StoreBusy

# When several processes switch a new catalog to WAL at once, SQLite refuses all but one without
# waiting (two that wait for each other would never end). The switch takes milliseconds.
JOURNAL_BACKOFF = Backoff(seconds_max=5.0)

# More than the threads of any process, so that no thread waits for a connection while another
# waits for the lock.
CONNECTIONS_MAX = 64

# Begins a transaction that has the write lock from its beginning.
WRITING = "BEGIN IMMEDIATE"

# The lock is held for milliseconds, mostly. SQLite itself looks again after 1, 2, 5, 10, 15, 20, 25
# and at last every 100 ms, so a receipt would wait for twice as long as the lock is held.
LOCK_LOOK_SECONDS = 0.001

# Deleted rows are overwritten: a hold or a range of users may name a person.
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")

# Commits are whole or lost after a power cut, and lost ones are made again from `ledger/`.
ENTERING = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "secure_delete=ON")

# Of a copy that nobody else uses yet: whoever makes it syncs the file at its end.
DRAFT = ("journal_mode=MEMORY", "synchronous=OFF", "secure_delete=ON")


def engine_on(path: Path, pragmas: tuple[str, ...], folder: FolderIdentity | None = None) -> Engine:
    """An engine on the catalog at `path`; with `folder`, on that of this folder only."""
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"timeout": LOCK_SECONDS_MAX, "check_same_thread": False},
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS_MAX,
        # Unexpected errors are logged with their statement, and a value may name a person.
        hide_parameters=True,
    )
    if folder is not None:
        event.listen(engine, "do_connect", partial(_demand_before, folder))
        event.listen(engine, "connect", partial(_demand_after, folder))
    event.listen(engine, "connect", partial(_prepare, pragmas))
    take_over_transactions(engine)
    return engine


def read_only_engine(uri: str) -> Engine:
    """On a SQLite URI with `?` in it; every statement that writes fails."""
    engine = create_engine(f"sqlite:///{uri}&uri=true", hide_parameters=True)
    event.listen(engine, "connect", partial(_prepare, ("query_only=ON",)))
    take_over_transactions(engine)
    return engine


def take_over_transactions(engine: Engine) -> None:
    """Begin each transaction as the execution option `begin` says, not as the driver does."""
    event.listen(engine, "connect", _leave_transactions_to_us, insert=True)
    event.listen(engine, "begin", _begin)


def _leave_transactions_to_us(connection: sqlite3.Connection, _record: Any) -> None:
    # Switch the driver's own transactions off; _begin begins ours.
    connection.isolation_level = None


def _demand_before(folder: FolderIdentity, *_: Any) -> None:
    """Connecting would make an empty catalog in another folder."""
    folder.demand()


def _demand_after(folder: FolderIdentity, connection: sqlite3.Connection, _record: Any) -> None:
    try:
        folder.demand()
    except BaseException:
        connection.close()
        raise


def _prepare(pragmas: tuple[str, ...], connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in pragmas:
        _set(pragma, connection)


def _set(pragma: str, connection: sqlite3.Connection) -> None:
    for _ in JOURNAL_BACKOFF.attempts():
        with contextlib.suppress(StoreBusy), explained():
            connection.execute(f"PRAGMA {pragma}")
            return
    raise StoreBusy("catalog: locked by another process; try again")


def _begin(connection: Connection) -> None:
    begin = connection.get_execution_options().get("begin", "BEGIN")
    if begin == WRITING:
        _begin_writing(connection)
    else:
        connection.exec_driver_sql(begin)


def _begin_writing(connection: Connection) -> None:
    """Begin with the write lock, within about a millisecond of its release."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)  # noqa: S101 (the only driver)
    deadline = time.monotonic() + LOCK_SECONDS_MAX
    raw.execute("PRAGMA busy_timeout=0")
    try:
        while True:
            try:
                raw.execute(WRITING)
                return
            except sqlite3.OperationalError as error:
                if time.monotonic() > deadline or not isinstance(meaning(error), StoreBusy):
                    raise
            time.sleep(LOCK_LOOK_SECONDS)
    finally:
        raw.execute(f"PRAGMA busy_timeout={int(LOCK_SECONDS_MAX * 1000)}")


def frozen_engine(path: Path) -> Engine:
    """For a file that no process writes to."""
    engine = create_engine(f"sqlite:///file:{quote(str(path))}?mode=ro&immutable=1&uri=true")
    take_over_transactions(engine)
    return engine
