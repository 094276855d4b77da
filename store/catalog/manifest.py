"""The live Parquet files, as the table `files` lists them. Every change updates the totals."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, select, update

from store.catalog import counts, damage, removals
from store.catalog.counts import CatalogRow
from store.catalog.databases.expressions import OrderOfWriting
from store.catalog.register_tables import (
    applications,
    coverage,
    inferences,
    inferred_names,
    name_pairs,
)
from store.catalog.tables import counts as totals
from store.catalog.tables import damaged, files
from store.catalog.users import user_days
from store.files.layout import Layout
from store.parquet.footer_check import footer_columns
from store.parquet.part_file import Part


def file_row(layout: Layout, part: Part, tier: str = "part") -> dict[str, Any]:
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
        "format": part.named.format,
        "tier": tier,
        "folded": 0,
        "probable": 0,
        "number": None,
        **footer_columns(part.footer),
        user_days.COUNTED: part.user_days,
    }


def ledger_facts(row: CatalogRow) -> dict[str, Any]:
    """What the ledger says of a file. Entries are never deleted, so no name of a person is in them."""
    return {
        name: row[name]
        for name in ("path", "dataset", "day", "sha256", "bytes", "rows", "time_min", "time_max")
    }


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Make files live, each with its `added_sequence`. The caller holds the write lock."""
    if rows:
        connection.execute(insert(files), user_days.enter_all(connection, rows))
        counts.change(connection, counts.of_files(rows))


def retire(
    connection: Connection,
    rows: Sequence[CatalogRow],
    sequences: Sequence[int],
    due_at: str,
    *,
    is_at_once: bool = False,
) -> None:
    """Retire files, each by the entry of its sequence; they stay on disk until `due_at`.

    Unless `is_at_once`, they also stay for the DuckDB shells that read them.
    """
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
    damage.clear(connection, (row["path"] for row in rows))
    retired = {row["path"]: sequence for row, sequence in zip(rows, sequences, strict=True)}
    if is_at_once:
        removals.schedule(connection, retired, due_at)
    else:
        removals.schedule_shown(connection, retired, due_at)
    gone = counts.of_files(rows)
    counts.change(connection, Counter({key: -amount for key, amount in gone.items()}))


# The newest entry of each register; an erasure deletes names without a new entry. The newest hours
# of the largest one are its last rows.
_NEWEST_HOURS = select(coverage.c.sequence).order_by(OrderOfWriting().desc()).limit(1)
_REGISTERS = select(
    *(
        query.scalar_subquery()
        for query in (
            select(func.max(name_pairs.c.sequence)),
            select(func.count(name_pairs.c.name)),
            select(func.max(inferences.c.judged_at)),
            select(func.count()).select_from(inferred_names),
            select(func.max(applications.c.sequence)),
            _NEWEST_HOURS,
        )
    )
)


class Change(NamedTuple):
    """Two are equal if the same files are live, the same ones damaged, and the registers that
    `audit.duckdb` has facts of say the same.
    """

    sequence: int
    files: int
    damaged: int
    damaged_at: str
    registers: tuple[int | str | None, ...]


def newest_change(connection: Connection) -> Change:
    """The newest entry that added or retired a file, the number of live files, and of damaged ones.

    The number is needed because an erased file leaves no row that names an entry.
    """
    newest = select(func.max(files.c.added_sequence), func.max(files.c.retired_sequence))
    live = select(func.sum(totals.c.amount)).where(totals.c.measure == "files")
    lost = select(func.count(), func.max(damaged.c.found_at))
    sequence = max(each or 0 for each in connection.execute(newest).one())
    count, found_at = connection.execute(lost.select_from(damaged)).one()
    registers = tuple(connection.execute(_REGISTERS).one())
    return Change(sequence, int(connection.scalar(live) or 0), count, found_at or "", registers)
