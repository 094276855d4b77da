"""The parts of a group of batches that Rust decodes to one block and writes from there."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

import pyarrow as pa

from schema.decoding.native_rows import NativeRows
from schema.decoding.result import Provenance, Tally
from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import OTHER_DAY, Layout
from store.keepout.rules import Rules
from store.loading.event_days import EventDays
from store.loading.parts import Parts
from store.parquet.drafts.native_part import NativePart
from store.parquet.footer import Lineage
from store.parquet.part_file import ROW_GROUP_ROWS, Content, Part

# The rows are written before they fill a row group if they take more memory than this: rows may be
# a hundred times longer than usual. Sorting and packing them takes about as much again.
HELD_BYTES_MAX = 128 * 2**20

_EPOCH = date(1970, 1, 1)


class MustSift(Exception):
    """An erased person is among these rows or lines, which must be decoded to tables to be sifted."""


class GroupParts(Parts):
    """Reads one batch after the other; writes the rows whenever they are many."""

    def __init__(
        self,
        layout: Layout,
        rows: NativeRows,
        lineage: Lineage,
        on_progress: Callable[[int], None],
        rules: Rules,
    ) -> None:
        super().__init__(layout, rows.dataset, lineage, on_progress)
        self._block = rows
        self._rules = rules
        self._native: dict[str, NativePart] = {}
        # The batches that have rows in the block, and rows written before.
        self._batches: list[CatalogRow] = []
        self._written = 0

    def read(self, chunks: Iterable[bytes], batch: CatalogRow) -> list[Tally]:
        """Decode a batch. Raises MustSift if a person who is kept out may be in it."""
        self._batches.append(batch)
        provenance = Provenance(
            batch_id=batch["batch_id"], received_at=timestamps.from_text(batch["received_at"])
        )

        def on_rejected(rejected: pa.Table) -> None:
            if self._rules.keep_outs and self._rules.count_lines(rejected):
                raise MustSift
            self.add_rejected(rejected, batch)

        return self._block.read(chunks, provenance, batch["sent_as"], self._limit, on_rejected)

    def finish(self, name: str) -> list[Part]:
        self._write()
        parts = [part.finish(name) for part in self._native.values()]
        return [*parts, *super().finish(name)]

    def _limit(self) -> None:
        block = self._block.native
        self._on_progress(self._written + block.rows)
        if block.rows >= ROW_GROUP_ROWS or block.held_bytes >= HELD_BYTES_MAX:
            self._write()

    def _write(self) -> None:
        """Write all rows of the block as a row group of the part of each day."""
        rows = self._block.native.rows
        if rows == 0:
            return
        if self._rules.keep_outs and self._rules.names_any(self._block.native.users()):
            raise MustSift
        labels: dict[str, list[tuple[int, int | None]]] = {}
        for label, number, day in self._days(self._block.native.sort()):
            labels.setdefault(label, []).append((number, day))
        for label, days in labels.items():
            self._part(label).write(self._block, days if len(labels) > 1 else None)
        self._block.native.clear()
        self._written += rows
        del self._batches[:-1]

    def _days(
        self, found: Iterable[tuple[int, int | None]]
    ) -> Iterator[tuple[str, int, int | None]]:
        """The folder, the batch and the day of rows, of which each batch has its own near days."""
        for number, own in groupby(found, itemgetter(0)):
            days = {day: None if day is None else _date(day) for _, day in own}
            within = EventDays.of(self._batches[number])
            near = set(within.with_folders(days.values()))
            for day, at in days.items():
                yield at.isoformat() if at is not None and at in near else OTHER_DAY, number, day

    def _part(self, day: str) -> NativePart:
        if day not in self._native:
            content = Content(
                dataset=self._dataset.name, day=day, schema=self._schema, lineage=self._lineage
            )
            folder = self._folder(self._dataset.name, day)
            self._native[day] = NativePart(folder, content, self._dataset)
        return self._native[day]

    def _abandon(self) -> None:
        for part in self._native.values():
            part.abandon()
        super()._abandon()


def _date(day: int) -> date:
    return _EPOCH + timedelta(days=day)
