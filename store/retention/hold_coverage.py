"""How many live rows a hold covers on the day on which it is placed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

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

    @property
    def is_nothing(self) -> bool:
        return not (self.rows or self.unreadable_files)


def covered(layout: Layout, files: Iterable[CatalogRow], wanted: Criteria) -> HoldCoverage:
    """Count the rows of these live files that match."""
    # As rows are compared with it.
    criteria = replace(wanted, host=wanted.as_columns().get("host"))
    rows, matching, unreadable = 0, 0, 0
    for file in files:
        if not may_match(criteria, file):
            continue
        try:
            tables = read(layout, file, criteria_masks.COLUMNS)
            found = sum(pc.sum(holds.matching(criteria, each)).as_py() or 0 for each in tables)
        except StoreDamaged:
            unreadable += 1
            continue
        rows += found
        matching += found > 0
    return HoldCoverage(rows=rows, files=matching, unreadable_files=unreadable)
