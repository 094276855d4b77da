"""SQLite as the catalog: one file in the data folder, in WAL mode."""

import contextlib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, Engine, MetaData, text

from store.catalog.databases.operator_errors import operator_errors
from store.catalog.databases.sqlite_engine import WRITING
from store.errors import StoreBusy


class SQLite:
    begin_writing = begin_entering = WRITING
    keeps_deleted = ""

    def names(self, connection: Connection) -> Iterable[tuple[str, str, str]]:
        """One statement: SQLAlchemy's inspector needs several for each table, at each opening."""
        statement = resources.files("store.catalog.sql").joinpath("schema_names.sql")
        rows = connection.exec_driver_sql(statement.read_text("utf-8"))
        return ((kind, table, name) for kind, table, name in rows)

    def schema(self, metadata: MetaData) -> MetaData:
        return metadata

    def settings(self, connection: Connection) -> dict[str, str]:  # noqa: ARG002
        return {}

    def problem(self, connection: Connection) -> str:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalars().all()
        return "" if found == ["ok"] else "; ".join(map(str, found))

    def copy(self, engine: Engine, path: Path) -> None:
        # VACUUM is impossible inside a transaction, so this block begins none.
        outside = engine.execution_options(begin="SELECT 1")
        with operator_errors(), outside.begin() as connection:
            connection.execute(text("VACUUM INTO :path"), {"path": str(path)})

    def rewrite(self, engine: Engine) -> bool:
        """False if another process writes, or a reader still needs the log."""
        with (
            contextlib.suppress(StoreBusy),
            operator_errors(),
            contextlib.closing(engine.raw_connection()) as connection,
        ):
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            is_busy, *_ = cursor.fetchone() or (1,)
            return not is_busy
        return False
