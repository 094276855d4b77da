"""The live Parquet parts, as the table `files` lists them; every change counts in the totals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

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


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make parts live, each with its `added_sequence`. The caller holds the write lock."""
    if rows:
        connection.execute(insert(files), rows)
        counts.change(connection, counts.of_files(rows))


def retire(connection: Connection, rows: Sequence[CatalogRow], sequences: Sequence[int]) -> None:
    """From these entries on nobody is shown these parts; they stay on disk for a while."""
    if not rows:
        return
    is_part = files.c.path == bindparam("of_path")
    connection.execute(
        update(files).where(is_part).values(retired_sequence=bindparam("retired")),
        [
            {"of_path": row["path"], "retired": sequence}
            for row, sequence in zip(rows, sequences, strict=True)
        ],
    )
    gone = counts.of_files(rows)
    counts.change(connection, Counter({key: -amount for key, amount in gone.items()}))


def newest_change(connection: Connection) -> int:
    """The entry that last made parts live or took them away, by whoever's hand."""
    newest = select(func.max(files.c.added_sequence), func.max(files.c.retired_sequence))
    return max(sequence or 0 for sequence in connection.execute(newest).one())
