"""Which rows have outlived their days, and which of those a hold keeps.

| file                  | is as old as                                  | goes                                |
|-----------------------|-----------------------------------------------|-------------------------------------|
| of a day              | its day                                       | whole                               |
| of a month            | its newest row                                | whole; at the edge it is rewritten  |
| `date=__other__`      | the receipt of each row, for want of a day    | whole, or rewritten                 |
| of rejected lines     | the day it was received                       | whole                               |

A row that a hold fits stays, in a file of rows like it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store import timestamps
from store.catalog.counts import CatalogRow
from store.compaction import folding
from store.compaction.tiers import MONTH, tier_of
from store.files.layout import OTHER_DAY, REJECTED, Layout
from store.parquet.file_reader import reading
from store.retention import holds
from store.retention.holds import Hold

# Read at once of a few columns: some tens of MB.
ROWS_READ = 2**18


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """`rows` of a live file go; `held` says how many more would, but for which hold."""

    file: CatalogRow
    rows: int
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return bool(self.rows == self.file["rows"])


@dataclass(frozen=True, slots=True)
class Expiry:
    """The rows of one dataset that are older than `cutoff`."""

    layout: Layout
    cutoff: datetime
    holds: Sequence[Hold]

    def among(self, files: Iterable[CatalogRow]) -> list[Expired]:
        """What goes of these files, and what would but for a hold."""
        found = (self._of(file) for file in files if self._is_reached(file))
        return [each for each in found if each.rows or each.held]

    def leaves_out(self, table: pa.Table, file: CatalogRow) -> pa.ChunkedArray:
        """Which of these rows of a file go, as a mask without NULL."""
        old = self._old(table, file)
        held = holds.held(self.holds, table)
        return old if held is None else pc.and_(old, pc.invert(held))

    def _of(self, file: CatalogRow) -> Expired:
        fitting = [hold for hold in self.holds if may_fit(hold, file)]
        if self._is_past(file) and not fitting:
            return Expired(file=file, rows=file["rows"])
        rows, held = 0, Counter[str]()
        for table in read(self.layout, file, holds.COLUMNS if fitting else holds.TIMES):
            rows += pc.sum(self.leaves_out(table, file)).as_py() or 0
            old = table.filter(self._old(table, file))
            for hold in fitting:
                held[hold.id] += pc.sum(holds.fitting(hold, old)).as_py() or 0
        return Expired(file=file, rows=rows, held=+held)

    def _is_reached(self, file: CatalogRow) -> bool:
        """Whether any of its rows may be old enough."""
        if file["day"] == OTHER_DAY:
            return True
        if tier_of(file) == MONTH:
            return bool(file["time_min"] < timestamps.to_text(self.cutoff))
        return self._is_past(file)

    def _is_past(self, file: CatalogRow) -> bool:
        """Whether all of its rows are old enough, which for some only the rows can tell."""
        if file["day"] == OTHER_DAY:
            return False
        if tier_of(file) == MONTH:
            return bool(file["time_max"] < timestamps.to_text(self.cutoff))
        return bool(file["day"] < self.cutoff.date().isoformat())

    def _old(self, table: pa.Table, file: CatalogRow) -> pa.ChunkedArray:
        by_receipt = file["day"] == OTHER_DAY or file["dataset"] == REJECTED
        times = table["received_at" if by_receipt else "event_time"]
        return pc.less(times, pa.scalar(self.cutoff, times.type)).fill_null(False)


def may_fit(hold: Hold, file: CatalogRow) -> bool:
    """Whether a row of the file may fit, as far as the catalog tells."""
    if file["dataset"] == REJECTED:
        return hold.user is None and hold.host is None
    return _may_have(hold.user, file["user_min"], file["user_max"]) and _may_overlap(hold, file)


def _may_have(user: str | None, low: str | None, high: str | None) -> bool:
    if user is None:
        return True
    return low is not None and high is not None and low <= user <= high


def _may_overlap(hold: Hold, file: CatalogRow) -> bool:
    if hold.since is None and hold.until is None:
        return True
    if file["time_min"] is None or file["time_max"] is None:
        return False  # No row of it has a time.
    is_before = hold.since is not None and file["time_max"] < timestamps.to_text(hold.since)
    is_after = hold.until is not None and file["time_min"] >= timestamps.to_text(hold.until)
    return not is_before and not is_after


def held_batches(
    layout: Layout, files: Iterable[CatalogRow], active: Sequence[Hold]
) -> dict[str, set[str]]:
    """For each hold the ids of the batches that its rows came in, those folded into them too."""
    found: dict[str, set[str]] = {hold.id: set() for hold in active}
    columns = (*holds.COLUMNS, "batch_id", folding.ALSO_IN)
    for file in files:
        fitting = [hold for hold in active if may_fit(hold, file)]
        if not fitting:
            continue
        for table in read(layout, file, columns):
            for hold in fitting:
                held = table.filter(holds.fitting(hold, table))
                found[hold.id] |= set(pc.unique(held["batch_id"]).to_pylist())
                found[hold.id] |= set(folding.places(held))
    return found


def read(layout: Layout, file: CatalogRow, columns: Iterable[str]) -> Iterator[pa.Table]:
    """The rows of a live file, of these columns those that it has."""
    path = layout.root / file["path"]
    with reading(path), pq.ParquetFile(path, page_checksum_verification=True) as parquet:
        names = [name for name in columns if name in parquet.schema_arrow.names]
        for batch in parquet.iter_batches(ROWS_READ, columns=names, use_threads=False):
            yield pa.Table.from_batches([batch])
