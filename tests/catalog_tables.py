"""Losing a catalog, and comparing a rebuilt one with the lost one, table by table."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from store.store import Store

Rows = list[dict[str, Any]]

# What no entry tells, by table; see store/rebuild/derivation.py.
UNTOLD = {
    "batches": {"attempts", "deaths", "tried_by", "tally", "resends"},
    "removals": {"due_at"},
    "files": {"users_number", "facts_revision", "facts_number"},
}
# A file may be counted under another number.
_QUERIES = {
    "user_days": "SELECT path, retired_sequence, name, user_days.day, user_days.rows, first_us, last_us"
    " FROM user_days JOIN files ON users_number = file JOIN user_names USING (who)"
}
LOST = {
    "user_names",
    "user_facts",
    "fact_values",
    "backups",
    "checks",
    "clock",
    "damaged",
    "fields",
    "imports",
    "marks",
    "refusals",
}


def tables(root: Path) -> dict[str, Rows]:
    """Every row of every table of a store, as far as a rebuild can know it."""
    with closing(sqlite3.connect(root / "catalog.sqlite")) as opened:
        opened.row_factory = sqlite3.Row
        names = opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {
            table: _known(
                root,
                table,
                opened.execute(_QUERIES.get(table, f"SELECT * FROM {table}")).fetchall(),
            )
            for (table,) in names
            if table not in LOST
        }


def _known(root: Path, table: str, rows: list[sqlite3.Row]) -> Rows:
    untold = UNTOLD.get(table, set())
    told = [{key: value for key, value in dict(row).items() if key not in untold} for row in rows]
    if table == "counts":
        told = [row for row in told if row["amount"] and row["measure"] != "resends"]
    if table in {"files", "removals", "user_days"}:
        # A process that is killed between a removal and its commit leaves a row without a file.
        told = [row for row in told if (root / row["path"]).exists() or _is_live(row)]
    if table == "facts":
        told = [row for row in told if row["name"] == "format"]
    return sorted(told, key=repr)


def _is_live(row: dict[str, Any]) -> bool:
    return "retired_sequence" in row and row["retired_sequence"] is None


def delete(store: Store) -> None:
    for path in store.layout.root.glob("catalog.sqlite*"):
        path.unlink()


def delete_ledger(store: Store) -> None:
    shutil.rmtree(store.layout.ledger, ignore_errors=True)


def empty(store: Store) -> None:
    delete(store)
    store.layout.catalog.touch()


def keep_entries_only(store: Store) -> None:
    """As after damage to every other table."""
    with closing(sqlite3.connect(store.layout.catalog)) as opened:
        names = opened.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in names:
            if table != "entries":
                opened.execute(f"DELETE FROM {table}")
        opened.commit()


def put_back(store: Store, older: bytes) -> None:
    delete(store)
    store.layout.catalog.write_bytes(older)
