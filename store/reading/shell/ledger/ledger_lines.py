"""The entries of the ledger as a view: DuckDB reads the files of `ledger/` themselves.

A copy of them would grow with the store, and `audit.duckdb` is written again at each change.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from store.files.layout import Layout
from store.ledger.ledger_files import ledger_files
from store.reading.shell.statements import sql_of
from store.reading.snapshot import Snapshot


def fill(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Put the files and the newest entry of the snapshot in the place of those that are there."""
    for statement in _macros(files(snapshot.root), snapshot.sequence):
        connection.execute(statement)


def define(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, *, is_published: bool
) -> None:
    """Create the view `shape.ledger`; without rows where the ledger was never begun."""
    fill(connection, snapshot)
    connection.execute(_view(has_files=bool(files(snapshot.root)), is_published=is_published))


def without_files() -> Iterator[str]:
    """The same for an `audit.duckdb` of a store where the ledger was never begun, as SQL."""
    yield from _macros((), 0)
    yield _view(has_files=False, is_published=True)


def files(root: Path | None) -> list[Path]:
    return ledger_files(Layout(root)) if root is not None else []


def _macros(among: Sequence[Path], sequence: int) -> Iterator[str]:
    listed = ", ".join(f"'ledger/{path.name}'" for path in among)
    yield (
        "CREATE OR REPLACE MACRO shape.ledger_files() AS"
        f" list_transform([{listed}], lambda file: shape.folder() || file)"
    )
    yield f"CREATE OR REPLACE MACRO shape.sequence() AS {sequence}"


def _view(*, has_files: bool, is_published: bool) -> str:
    text = sql_of("ledger/ledger" if has_files else "ledger/no_ledger")
    return f"{text} AND shape.is_in_place()" if is_published else text
