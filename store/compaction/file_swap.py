"""Replaces live files: new files are written first, then one transaction swaps them in.

Compaction, retention, erasure and replay replace files through this module only, one process at a
time, under `rewrite_lock`. If the process dies before the commit, nothing has changed, and the next
holder of the lock deletes the uncommitted files. After the commit, the swap is complete.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from store import timestamps
from store.catalog import damage, ledger, manifest, removals
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import entries, files
from store.catalog.users import people
from store.compaction import progress
from store.compaction.merge_inputs import Inputs
from store.compaction.merge_output import Target
from store.compaction.rewriter import (
    Rewriter,
    RewriteResult,
    RowFilter,
    exclude_nothing,
)
from store.compaction.tiers import DAY, MONTH, RewriteJob
from store.errors import RewriteRefused
from store.files import durable, stray
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout, is_sorted
from store.files.reserve import Reserve
from store.files.trouble import Trouble, trouble_of
from store.intake.raw_lines import RawLines
from store.keepout import exclusion
from store.parquet.part_file import MONTHLY, SORTED, Content, settle
from store.sweep import sweep
from store.timestamps import Clock


@dataclass(frozen=True, slots=True)
class Replacement:
    """New files for the inputs of a job; `result` is None where the inputs are only removed."""

    job: RewriteJob
    result: RewriteResult | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSwap:
    """`on_progress` is called with the rows written or decoded so far. It may block, or raise Stopped.

    `originals` are the raw lines that decide which rows are duplicates; without them no row is
    folded.
    """

    layout: Layout
    catalog: Catalog
    clock: Clock
    reserve: Reserve
    originals: RawLines | None
    on_progress: Callable[[int], None] = lambda _rows: None

    @contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold the rewrite lock; yields False if another process holds it.

        Files that a killed process left uncommitted are deleted first, unknown ones are moved to
        `stray/`, and keep-outs past their term end.
        """
        with durable.lock(self.layout.rewrite_lock) as has_lock:
            if has_lock:
                progress.clear(self.layout)
                sweep(self.layout, self.catalog, self.clock, is_sorted)
                stray.remove_unfinished(self.layout)
                exclusion.expire(self.catalog, self.clock)
            yield has_lock

    def readable_files(self) -> Sequence[RowMapping]:
        """Every live file that is not listed as damaged and may be read."""
        with self.catalog.read() as connection:
            lost = damage.paths(connection)
        return [
            file
            for file in self.live_files()
            if file["path"] not in lost and os.access(self.layout.root / file["path"], os.R_OK)
        ]

    def note_damage(self, rows: Iterable[CatalogRow], found_by: str) -> dict[str, Trouble]:
        """Read these live files, and list those as damaged that are; the caller met damage."""
        found = {}
        for row in rows:
            why = trouble_of(self.layout.root, ExpectedFile.of(row))
            if why is not None and why.is_damage:
                found[row["path"]] = why
        with self.catalog.write() as connection:
            for path, why in found.items():
                damage.record(connection, path, why, found_at=self.clock(), found_by=found_by)
        return found

    def live_files(self) -> Sequence[RowMapping]:
        """Every live file, and when it was added."""
        query = (
            select(files, entries.c.recorded_at.label("added_at"))
            .join(entries, entries.c.sequence == files.c.added_sequence)
            .where(files.c.retired_sequence.is_(None))
            .order_by(files.c.added_sequence, files.c.path)
        )
        with self.catalog.read() as connection:
            return connection.execute(query).mappings().all()

    def rewrite(self, job: RewriteJob, exclude: RowFilter = exclude_nothing) -> Replacement:
        """Write files with the rows of the inputs, except excluded ones; nothing is committed."""
        self.reserve.require(self.layout.parts, sum(file["bytes"] for file in job.inputs))
        is_month = job.tier == MONTH
        folder = self.layout.month_folder if is_month else self.layout.part_folder
        with self.catalog.read() as connection:
            sequence = ledger.sequence(connection)
        inputs = Inputs.of(self.layout, job.inputs)
        content = Content(
            dataset=job.dataset,
            day=job.label,
            schema=inputs.schema(),
            lineage=inputs.lineage(sequence),
        )
        target = Target(
            folder=folder(job.dataset, job.label),
            content=content,
            stem=f"{job.tier}-{secrets.token_hex(8)}",
            kind=MONTHLY if is_month else SORTED,
        )
        rewriter = Rewriter(
            layout=self.layout, originals=self.originals, on_progress=self.on_progress
        )
        return Replacement(job, rewriter.run(inputs, target, exclude))

    def rewrite_without(self, file: CatalogRow, exclude: RowFilter, rows: int) -> Replacement:
        """Rewrite one file without excluded rows. RewriteRefused unless these are `rows` many."""
        done = self.rewrite(RewriteJob.of_file(file), exclude)
        excluded = done.result.excluded.rows if done.result else 0
        if excluded != rows:
            raise RewriteRefused(
                f"{file['path']}: the rewrite left out {excluded:,} rows instead of {rows:,}"
            )
        return done

    def commit(
        self,
        connection: Connection,
        kind: str,
        facts: Mapping[str, Any],
        done: Sequence[Replacement],
        due_at: datetime | None = None,
    ) -> int:
        """Append one ledger entry and swap the files; returns the entry's sequence.

        The caller holds the write lock, commits, and then calls `settle`. Old files are deleted
        after their grace period, or at `due_at`, whoever reads them.
        """
        inputs = [file for each in done for file in each.job.inputs]
        demand_live(connection, inputs)
        now = self.clock()
        rows = [row for each in done for row in self._rows(each)]
        told = {
            **facts,
            "rows_before": sum(file["rows"] for file in inputs),
            "rows_after": sum(row["rows"] for row in rows),
            "retired": sorted(file["path"] for file in inputs),
            "files": [manifest.ledger_facts(row) for row in rows],
        }
        sequence = ledger.append(connection, kind, now, told).sequence
        names = [each.names for one in done if one.result for each in one.result.parts]
        for place, (row, held) in enumerate(zip(rows, names, strict=True)):
            row["added_sequence"] = sequence
            if row["tier"] in {DAY, MONTH}:
                # Such files live long enough to be worth an index of the users in them.
                row["number"] = people.number(sequence, place)
                people.enter(connection, row["number"], held)
        manifest.add(connection, rows)
        due = timestamps.to_text(due_at) if due_at else removals.after_grace(now)
        sequences = [sequence] * len(inputs)
        manifest.retire(connection, inputs, sequences, due, is_at_once=due_at is not None)
        return sequence

    def settle(self, done: Iterable[Replacement]) -> None:
        """Take the unfinished names of files that are committed."""
        made = [each.result.parts for each in done if each.result is not None]
        settle(each.part for parts in made for each in parts)

    def _rows(self, done: Replacement) -> list[dict[str, Any]]:
        """The catalog rows of the new files."""
        if done.result is None:
            return []
        found = done.result
        return [
            {
                **manifest.file_row(self.layout, each.part, done.job.tier),
                "folded": folded,
                "probable": probable,
            }
            for each, folded, probable in zip(
                found.parts, found.also_in, found.probable, strict=True
            )
        ]


def demand_live(connection: Connection, inputs: Sequence[CatalogRow]) -> None:
    """RewriteRefused if another process has replaced one of the inputs meanwhile."""
    paths = {file["path"] for file in inputs}
    live = select(files.c.path).where(files.c.path.in_(paths), files.c.retired_sequence.is_(None))
    if gone := paths - set(connection.scalars(live)):
        raise RewriteRefused(f"the store changed meanwhile: {min(gone)} is retired; try again")
