"""SQLAlchemy engines on PostgreSQL, which leave transactions to the catalog."""

import hashlib
import platform
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event

from store.catalog.databases.postgresql_connection import connect
from store.catalog.databases.postgresql_errors import explained
from store.catalog.databases.postgresql_reading import BEGIN
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.database import Database
from store.errors import StoreUnavailable
from store.files.layout import Layout
from store.uptime import boot_id

# A service has some ten processes, and a server 100 connections. Writers take turns, so threads that
# wait for a connection would wait for the lock instead. All are kept, since each new one is a reason
# to compare catalog and `ledger/` again.
CONNECTIONS_MAX = 8

# A host that is away keeps its connections, and with them the store, for a minute.
_KEEPALIVE = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3"
)

_HOLD = "SELECT pg_advisory_lock_shared(%(store)s::int, %(home)s::int)"
_OTHERS = """
SELECT count(*) FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND classid::bigint = %(store)s AND objid::bigint <> %(home)s
"""


def engine_on(layout: Layout, on_connect: Callable[[], None]) -> Engine:
    """For writing. `on_connect` is called after each connection is made.

    StoreUnavailable while another folder, or another host, writes to the same catalog.
    """
    return _engine(layout, partial(_held, layout, on_connect))


def read_only_engine(layout: Layout) -> Engine:
    """Every statement that writes fails."""
    return _engine(layout, _unchanged)


def _engine(layout: Layout, prepare: Callable[[psycopg.Connection[Any]], None]) -> Engine:
    # SQLAlchemy never has the URL, so that no text of it can show the password.
    engine = create_engine(
        "postgresql+psycopg://",
        creator=partial(_connected, _database(layout), prepare),
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=LOCK_SECONDS_MAX,
        pool_use_lifo=True,
        # Unexpected errors are logged with their statement, and a value may name a person.
        hide_parameters=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _database(layout: Layout) -> Database:
    if layout.database is None:
        raise ValueError("this catalog is a file")
    return layout.database


def _connected(
    database: Database, prepare: Callable[[psycopg.Connection[Any]], None]
) -> psycopg.Connection[Any]:
    made = connect(database, name="raytrail")
    try:
        with explained():
            prepare(made)
    except BaseException:
        made.close()
        raise
    return made


def _unchanged(_made: psycopg.Connection[Any]) -> None:
    """Nothing to prepare: the transactions of a view are read-only."""


def _held(layout: Layout, on_connect: Callable[[], None], made: psycopg.Connection[Any]) -> None:
    """Hold the catalog for this folder as long as the connection lasts, together with all others of
    this folder. So two hosts cannot write to one catalog, and nobody has to tidy up after a crash.
    """
    made.execute(_KEEPALIVE)
    schema = made.execute("SELECT coalesce(current_schema(), '')").fetchone()
    wanted = {"store": _number(f"raytrail {schema}"), "home": home_of(layout)}
    made.execute(_HOLD, wanted)
    others = made.execute(_OTHERS, wanted).fetchone()
    if others is None or others[0]:
        raise StoreUnavailable(
            "catalog: another host, or another data folder, is using this database: several hosts on"
            " one catalog are not supported yet; stop the other one"
        )
    on_connect()


def home_of(layout: Layout) -> int:
    """A number for this folder of this host: the same for each of its processes and containers."""
    found = layout.root.stat()
    return _number(f"{boot_id() or platform.node()} {found.st_dev} {found.st_ino}")


def _number(text: str) -> int:
    """31 bits of a hash."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]) >> 1


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", BEGIN))
