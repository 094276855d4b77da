"""Finds rows past their retention, and those of them that a hold keeps.

| file of           | age counts from                  | is removed                                  |
|-------------------|----------------------------------|---------------------------------------------|
| a day             | its day                          | whole                                       |
| a month           | the event time of each row       | whole, or rewritten without the expired rows |
| `date=__other__`  | the receipt of each row          | whole, or rewritten without the expired rows |
| rejected lines    | the day of receipt               | whole                                       |

Rows under a hold stay: a file that has some is rewritten.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from store import timestamps
from store.catalog.counts import CatalogRow
from store.compaction import deduplication
from store.compaction.tiers import MONTH, tier_of
from store.errors import StoreDamaged
from store.files.layout import OTHER_DAY, REJECTED, Layout
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.retention import criteria_masks, holds
from store.retention.holds import Criteria, Hold

# Rows of a few columns read at once: some tens of MB.
ROWS_READ = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredRows:
    """`rows` of a live file are removable; `held` counts expired rows that each hold keeps."""

    file: CatalogRow
    rows: int
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return bool(self.rows == self.file["rows"])


@dataclass(frozen=True, slots=True)
class ExpiredRowSearch:
    """The rows of one dataset that are older than `cutoff`."""

    layout: Layout
    cutoff: datetime
    holds: Sequence[Hold]

    def among(self, files: Iterable[CatalogRow]) -> tuple[list[ExpiredRows], list[CatalogRow]]:
        """The expired rows of each of these files that has some, and files that cannot be read."""
        found, unreadable = list[ExpiredRows](), list[CatalogRow]()
        for file in files:
            if self._is_reached(file):
                try:
                    found.append(self._of(file))
                except StoreDamaged:
                    unreadable.append(file)
        return [each for each in found if each.rows or each.held], unreadable

    def expired_mask(self, table: pa.Table, file: CatalogRow) -> pa.ChunkedArray:
        """The rows of a file to remove, as a mask without NULL."""
        old = self._old(table, file)
        held = holds.held_mask(self.holds, table)
        return old if held is None else pc.and_(old, pc.invert(held))

    def _of(self, file: CatalogRow) -> ExpiredRows:
        matching = [hold for hold in self.holds if may_match(hold, file)]
        if self._is_past(file) and not matching:
            return ExpiredRows(file=file, rows=file["rows"])
        rows, held = 0, Counter[str]()
        for table in read(
            self.layout, file, criteria_masks.COLUMNS if matching else criteria_masks.TIMES
        ):
            rows += pc.sum(self.expired_mask(table, file)).as_py() or 0
            old = table.filter(self._old(table, file))
            for hold in matching:
                held[hold.id] += pc.sum(holds.matching(hold, old)).as_py() or 0
        return ExpiredRows(file=file, rows=rows, held=+held)

    def _is_reached(self, file: CatalogRow) -> bool:
        """Whether any of its rows may be expired."""
        if file["day"] == OTHER_DAY:
            return True
        if tier_of(file) == MONTH:
            return bool(file["time_min"] < timestamps.to_text(self.cutoff))
        return self._is_past(file)

    def _is_past(self, file: CatalogRow) -> bool:
        """Whether all of its rows are expired, as far as the catalog tells."""
        if file["day"] == OTHER_DAY:
            return False
        if tier_of(file) == MONTH:
            return bool(file["time_max"] < timestamps.to_text(self.cutoff))
        return bool(file["day"] < self.cutoff.date().isoformat())

    def _old(self, table: pa.Table, file: CatalogRow) -> pa.ChunkedArray:
        by_receipt = file["day"] == OTHER_DAY or file["dataset"] == REJECTED
        times = table["received_at" if by_receipt else "event_time"]
        return pc.less(times, pa.scalar(self.cutoff, times.type)).fill_null(False)


def may_match(hold: Criteria, file: CatalogRow) -> bool:
    """Whether a row of the file may match, as far as the catalog tells."""
    if file["dataset"] == REJECTED:
        return hold.user is None and hold.host is None
    return _may_have(hold, file["user_min"], file["user_max"]) and _may_overlap(hold, file)


def _may_have(hold: Criteria, low: str | None, high: str | None) -> bool:
    if hold.user is None:
        return True
    if low is None or high is None:
        return False
    # Other spellings of a name may lie anywhere in the order of names.
    return not hold.is_exact or low <= hold.user <= high


def _may_overlap(hold: Criteria, file: CatalogRow) -> bool:
    if hold.since is None and hold.until is None:
        return True
    if file["time_min"] is None or file["time_max"] is None:
        return False  # No row of it has a time.
    is_before = hold.since is not None and file["time_max"] < timestamps.to_text(hold.since)
    is_after = hold.until is not None and file["time_min"] >= timestamps.to_text(hold.until)
    return not is_before and not is_after


@dataclass(frozen=True, slots=True)
class HeldBatches:
    """For each hold the ids of the batches of its rows, and of the lines folded into them.

    `unread` has the datasets of which a file may have rows of the hold and cannot be read, so that
    the hold keeps all their raw bodies.
    """

    ids: dict[str, set[str]]
    unread: dict[str, set[str]]

    def keepers(self, dataset: str, batch_id: str) -> list[str]:
        return [
            name
            for name, ids in self.ids.items()
            if batch_id in ids or self.unread[name] & {dataset, REJECTED}
        ]


def held_batches(
    layout: Layout, files: Iterable[CatalogRow], active: Sequence[Hold]
) -> HeldBatches:
    found = HeldBatches({hold.id: set() for hold in active}, {hold.id: set() for hold in active})
    columns = (*criteria_masks.COLUMNS, "batch_id", deduplication.ALSO_IN)
    for file in files:
        matching = [hold for hold in active if may_match(hold, file)]
        if not matching:
            continue
        try:
            for table in read(layout, file, columns):
                for hold in matching:
                    held = table.filter(holds.matching(hold, table))
                    found.ids[hold.id] |= set(pc.unique(held["batch_id"]).to_pylist())
                    found.ids[hold.id] |= set(deduplication.folded_batches(held))
        except StoreDamaged:
            for hold in matching:
                found.unread[hold.id].add(file["dataset"])
    return found


def read(layout: Layout, file: CatalogRow, columns: Iterable[str]) -> Iterator[pa.Table]:
    """The rows of a live file, in those of these columns that it has."""
    with opened(NamedFile.of(layout.root, file), is_hashed=False) as finished:
        names = [name for name in columns if name in finished.columns]
        yield from finished.tables(ROWS_READ, names)
