"""Files in the place of others: made beside them, then shown in one step as one ledger entry.

Whoever merges, retires or erases does it through here, holding `rewrite_lock`: one at a time.
Killed before the step, nothing has changed and the next one sweeps; after it, all has.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from store.catalog import ledger, manifest, people, removals
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import entries, files
from store.compaction import progress
from store.compaction.merge_output import Target
from store.compaction.rewriting import LeftOut, Rewriting, Rewritten, nothing, united_schema
from store.compaction.tiers import DAY, MONTH
from store.errors import RewriteRefused
from store.files import durable
from store.files.layout import Layout, is_sorted
from store.files.reserve import Reserve
from store.intake.raw_lines import Originals
from store.parquet.part_file import MONTHLY, SORTED
from store.timestamps import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Live files of one dataset, and what is to stand in their place."""

    dataset: str
    label: str
    tier: str
    inputs: tuple[CatalogRow, ...]


@dataclass(frozen=True, slots=True)
class Replacement:
    """`made` stands in the place of `files`; None where nothing does."""

    files: Files
    made: Rewritten | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """`tell` hears of progress in rows, and may take its time. Without `originals` no line is
    folded into its double.
    """

    layout: Layout
    catalog: Catalog
    clock: Clock
    reserve: Reserve
    originals: Originals | None
    tell: Callable[[int], None] = lambda _rows: None

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Hold the lock, having swept what a predecessor left; False when another holds it."""
        with durable.lock(self.layout.rewrite_lock) as is_alone:
            if is_alone:
                progress.forget(self.layout)
                self._sweep()
            yield is_alone

    def live(self) -> Sequence[RowMapping]:
        """Every live file, and when it was added."""
        query = (
            select(files, entries.c.recorded_at.label("added_at"))
            .join(entries, entries.c.sequence == files.c.added_sequence)
            .where(files.c.retired_sequence.is_(None))
            .order_by(files.c.added_sequence, files.c.path)
        )
        with self.catalog.read() as connection:
            return connection.execute(query).mappings().all()

    def rewrite(self, old: Files, leave_out: LeftOut = nothing) -> Replacement:
        """Finish files with the rows of the old ones; nothing names them yet."""
        self.reserve.demand(self.layout.parts, sum(file["bytes"] for file in old.inputs))
        is_month = old.tier == MONTH
        folder = self.layout.month_folder if is_month else self.layout.part_folder
        target = Target(
            folder=folder(old.dataset, old.label),
            dataset=old.dataset,
            label=old.label,
            stem=f"{old.tier}-{secrets.token_hex(8)}",
            schema=united_schema(self.layout, old.inputs),
            kind=MONTHLY if is_month else SORTED,
        )
        rewriting = Rewriting(layout=self.layout, originals=self.originals, tell=self.tell)
        return Replacement(old, rewriting.run(old.inputs, target, leave_out))

    def show(
        self,
        connection: Connection,
        kind: str,
        facts: Mapping[str, Any],
        done: Sequence[Replacement],
        due_at: datetime | None = None,
    ) -> int:
        """Enter one ledger entry and change what is live; its number. The caller holds the write
        lock and commits. The old files go after their grace, or at `due_at`.
        """
        inputs = [file for each in done for file in each.files.inputs]
        demand_live(connection, inputs)
        now = self.clock()
        rows = [row for each in done for row in self._rows(each)]
        told = {
            **facts,
            "rows_before": sum(file["rows"] for file in inputs),
            "rows_after": sum(row["rows"] for row in rows),
            "retired": sorted(file["path"] for file in inputs),
            "files": [manifest.told(row) for row in rows],
        }
        sequence = ledger.append(connection, kind, now, told).sequence
        names = [each.names for one in done if one.made for each in one.made.parts]
        for place, (row, held) in enumerate(zip(rows, names, strict=True)):
            row["added_sequence"] = sequence
            if row["tier"] in {DAY, MONTH}:
                # It stays long enough to be worth a list of whose rows it has.
                row["number"] = people.number(sequence, place)
                people.enter(connection, row["number"], held)
        manifest.add(connection, rows)
        due = removals.at(due_at) if due_at else removals.after_grace(now)
        manifest.retire(connection, inputs, [sequence] * len(inputs), due)
        return sequence

    def _rows(self, done: Replacement) -> list[dict[str, Any]]:
        """The catalog's rows of the new files."""
        if done.made is None:
            return []
        rows = [
            manifest.file_row(self.layout, each.part, done.files.tier) for each in done.made.parts
        ]
        return [
            {**row, "folded": also_in} for row, also_in in zip(rows, done.made.also_in, strict=True)
        ]

    def _sweep(self) -> None:
        """Remove what somebody who died had made."""
        with self.catalog.read() as connection:
            named = set(connection.scalars(select(files.c.path)))
        for path in list(self.layout.parts.rglob("*")):
            if path.is_file() and is_sorted(path) and self.layout.relative(path) not in named:
                durable.remove(path)


def demand_live(connection: Connection, inputs: Sequence[CatalogRow]) -> None:
    """What is about to be replaced must still be shown: nobody else may have replaced it."""
    paths = {file["path"] for file in inputs}
    live = select(files.c.path).where(files.c.path.in_(paths), files.c.retired_sequence.is_(None))
    if gone := paths - set(connection.scalars(live)):
        raise RewriteRefused(f"the store changed meanwhile: {min(gone)} is retired; try again")
