"""The entries of the ledger as a view: DuckDB reads the files of `ledger/` themselves.

A copy of them would grow with the store, and `audit.duckdb` is written again at each change.
"""

from pathlib import Path

import duckdb

from store.files.layout import Layout
from store.ledger.ledger_files import ledger_files
from store.reading.shell.statements import sql_of
from store.reading.snapshot import Snapshot


def fill(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Put the files and the newest entry of the snapshot in the place of those that are there."""
    listed = ", ".join(f"'ledger/{path.name}'" for path in files(snapshot.root))
    connection.execute(
        "CREATE OR REPLACE MACRO shape.ledger_files() AS"
        f" list_transform([{listed}], lambda file: shape.folder() || file)"
    )
    connection.execute(f"CREATE OR REPLACE MACRO shape.sequence() AS {snapshot.sequence}")


def define(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, *, is_published: bool
) -> None:
    """Create the view `shape.ledger`; without rows where the ledger was never begun."""
    fill(connection, snapshot)
    text = sql_of("ledger/ledger" if files(snapshot.root) else "ledger/no_ledger")
    connection.execute(f"{text} AND shape.is_in_place()" if is_published else text)


def files(root: Path | None) -> list[Path]:
    return ledger_files(Layout(root)) if root is not None else []
