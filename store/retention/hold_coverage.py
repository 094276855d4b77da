"""How many live rows a hold covers on the day on which it is placed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from store.catalog.counts import CatalogRow
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.retention import criteria_masks, holds
from store.retention.expired_rows import may_match, read
from store.retention.holds import Criteria


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCoverage:
    """`unreadable_files` may have more rows: damage must not keep a person from placing a hold."""

    rows: int = 0
    files: int = 0
    unreadable_files: int = 0
    # Of a hold on a user: the rows of each spelling, the most first; the asked one too.
    spellings: tuple[tuple[str, int], ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.rows or self.unreadable_files)


def covered(layout: Layout, files: Iterable[CatalogRow], wanted: Criteria) -> HoldCoverage:
    """Count the rows of these live files that match."""
    # As rows are compared with it.
    criteria = replace(wanted, host=wanted.as_columns().get("host"))
    rows, matching, unreadable = 0, 0, 0
    spellings = Counter[str]()
    for file in files:
        if not may_match(criteria, file):
            continue
        here = Counter[str]()
        try:
            found = 0
            for table in read(layout, file, criteria_masks.COLUMNS):
                mask = holds.matching(criteria, table)
                found += pc.sum(mask).as_py() or 0
                here.update(_by_user(table, mask) if criteria.user is not None else {})
        except StoreDamaged:
            unreadable += 1
            continue
        rows += found
        matching += found > 0
        spellings.update(here)
    return HoldCoverage(
        rows=rows,
        files=matching,
        unreadable_files=unreadable,
        spellings=tuple(spellings.most_common()),
    )


def _by_user(table: pa.Table, mask: pa.ChunkedArray) -> Mapping[str, int]:
    counted = pc.value_counts(table["user_id"].filter(mask).cast(pa.string()))
    values, counts = counted.field(0).to_pylist(), counted.field(1).to_pylist()
    return dict(zip(values, counts, strict=True))
