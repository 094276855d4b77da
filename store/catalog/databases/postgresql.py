"""PostgreSQL as the catalog: the tables of one schema of one database.

| what is done       | how                                                                          |
|--------------------|------------------------------------------------------------------------------|
| a write            | READ COMMITTED, the lock of writers first: each statement sees what was there |
| a receipt          | the same, but it waits for the line in `ledger/` and not for the server's disk |
| a view             | REPEATABLE READ: what is committed meanwhile does not show                   |
| a text             | without a length, in the order of its bytes (`COLLATE "C"`), whatever the database sorts by |
| deleted rows       | `VACUUM (FULL)` of every table but the ledger's, which loses none            |
"""

import contextlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, Engine, Index, MetaData, String, Table, Text, text

from store.catalog.databases import sqlite_engine
from store.catalog.databases.operator_errors import operator_errors
from store.catalog.databases.transfer import transfer
from store.catalog.migration import METADATA
from store.catalog.tables import entries
from store.errors import StoreBusy

# Held by the one writer. Another schema of the database is another store.
_LOCK = "pg_advisory_xact_lock(hashtextextended('raytrail ' || coalesce(current_schema(), ''), 0))"

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"

# An index holds at most 2,704 bytes of a row, and their keys are texts of any length. Whoever writes
# them deletes the old row first.
WITHOUT_KEY = frozenset({"inferred_names", "imports", "backups"})

# Of an index of some rows, where SQLite says it otherwise.
_CONDITIONS = {"recovered = 1": "recovered"}

# What an administrator can set wrong.
SETTINGS = (
    *("server_version", "server_encoding", "fsync", "full_page_writes", "synchronous_commit"),
    "max_connections",
)


class PostgreSQL:
    begin_writing = f"{_BEGIN}; SELECT {_LOCK}"
    # A new connection is a reason to look into `ledger/`, and a crash breaks every old one.
    begin_entering = f"{_BEGIN}; SET LOCAL synchronous_commit = off; SELECT {_LOCK}"

    keeps_deleted = (
        "the log (WAL) of the PostgreSQL server, its replicas and copies of its disk keep deleted rows"
        " until they are recycled or replaced; see docs/scale.md"
    )

    def names(self, connection: Connection) -> Iterable[tuple[str, str, str]]:
        statement = resources.files("store.catalog.sql").joinpath("schema_names.postgresql.sql")
        rows = connection.exec_driver_sql(statement.read_text("utf-8"))
        return ((kind, table, name) for kind, table, name in rows)

    def schema(self, metadata: MetaData) -> MetaData:
        return _on_postgresql(metadata)

    def settings(self, connection: Connection) -> dict[str, str]:
        query = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
        rows = connection.execute(query, {"names": list(SETTINGS)})
        statement = resources.files("store.catalog.sql").joinpath("collations.postgresql.sql")
        others = connection.exec_driver_sql(statement.read_text("utf-8")).scalars()
        ours = {str(each) for table in METADATA.sorted_tables for each in table.columns}
        collations = ", ".join(sorted(ours.intersection(others)))
        return {**{row.name: row.setting for row in rows}, "collations": collations}

    def problem(self, connection: Connection) -> str:  # noqa: ARG002
        """PostgreSQL checks a page when it reads it, if it was made with checksums."""
        return ""

    def copy(self, engine: Engine, path: Path) -> None:
        """A SQLite file with the same rows, so that a backup is one file, whatever the catalog."""
        target = sqlite_engine.engine_on(path, sqlite_engine.DRAFT)
        try:
            with operator_errors(), engine.begin() as source, target.begin() as made:
                METADATA.create_all(made)
                transfer(source, made)
        finally:
            target.dispose()

    def rewrite(self, engine: Engine) -> bool:
        """Each table gets new files. The log (WAL), replicas and copies of the disk have old bytes
        until they are recycled: see docs/scale.md.
        """
        with (
            contextlib.suppress(StoreBusy),
            operator_errors(),
            contextlib.closing(engine.raw_connection()) as connection,
        ):
            cursor = connection.cursor()
            for name in _vacuumed():
                cursor.execute(f"VACUUM (FULL) {name}")
            return True
        return False


@cache
def _vacuumed() -> tuple[str, ...]:
    return tuple(table.name for table in METADATA.sorted_tables if table is not entries)


@cache
def _on_postgresql(metadata: MetaData) -> MetaData:
    made = MetaData()
    for table in metadata.sorted_tables:
        copied = table.to_metadata(made)
        for column in copied.columns:
            if isinstance(column.type, String):
                column.type = Text(collation="C")
        for index in copied.indexes:
            where = index.dialect_options["sqlite"]["where"]
            if where is not None:
                index.dialect_options["postgresql"]["where"] = text(
                    _CONDITIONS.get(str(where), str(where))
                )
        if copied.name in WITHOUT_KEY:
            _without_key(copied)
    return made


def _without_key(table: Table) -> None:
    """Rows are found by a hash of the first column of the key."""
    first, *_ = keys = list(table.primary_key.columns)
    table.constraints.discard(table.primary_key)
    for column in keys:
        column.primary_key, column.nullable = False, False
    Index(f"{table.name}_by_key", first, postgresql_using="hash")
