"""The live Parquet parts, as the table `files` lists them; every change counts in the totals."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update

from store import counts
from store.counts import CatalogRow
from store.layout import Layout
from store.part import Part
from store.tables import files


def file_row(layout: Layout, part: Part) -> dict[str, Any]:
    return {
        "path": layout.relative(part.path),
        "dataset": part.dataset,
        "day": part.day,
        "sha256": part.sha256,
        "bytes": part.bytes,
        "rows": part.rows,
        "time_min": part.time_min,
        "time_max": part.time_max,
        "user_min": part.user_min,
        "user_max": part.user_max,
        "columns": part.columns,
    }


def add(connection: Connection, rows: Sequence[CatalogRow], sequence: int) -> None:
    """Make parts live with the ledger entry `sequence`. The caller holds the write lock."""
    if rows:
        connection.execute(insert(files), [{**row, "added_sequence": sequence} for row in rows])
        counts.change(connection, counts.of_files(rows))


def retire(connection: Connection, rows: Sequence[CatalogRow], sequence: int) -> None:
    """From the entry `sequence` on nobody is shown these parts; they stay on disk for a while."""
    if rows:
        connection.execute(
            update(files)
            .where(files.c.path == bindparam("of_path"))
            .values(retired_sequence=sequence),
            [{"of_path": row["path"]} for row in rows],
        )
        gone = counts.of_files(rows)
        counts.change(connection, Counter({key: -amount for key, amount in gone.items()}))
