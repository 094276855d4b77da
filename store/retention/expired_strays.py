"""Finds Parquet files in `stray/` whose rows are all past their retention, by footer or receipt.

A file is removed whole or stays: it is not rewritten, because its rows may be in the store too. It
stays if a hold matches any row of it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from store.errors import StoreDamaged
from store.files import stray
from store.files.layout import OTHER_DAY, Layout
from store.lifetimes import Lifetimes, cutoff
from store.parquet import stray_part
from store.parquet.stray_part import StrayPart
from store.retention import holds
from store.retention.holds import Hold

# A month has a label such as `2026-11`; a day such as `2026-11-22` is longer.
MONTH_CHARS = 7
# Past the end of any month, counted from its first day.
MONTH_DAYS_MAX = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class ExpiredStray:
    """`path` is relative to the data folder."""

    path: str
    dataset: str
    rows: int


def find(
    layout: Layout, lifetimes: Lifetimes, now: datetime, active: Sequence[Hold]
) -> Iterator[ExpiredStray]:
    for file in stray.found(layout):
        path = layout.root / file.path
        part = stray_part.read(path)
        before = cutoff(now, lifetimes.of(part.dataset)) if part else None
        if part is not None and before is not None and _is_expired(path, part, before, active):
            yield ExpiredStray(file.path, part.dataset, part.rows)


def _is_expired(path: Path, part: StrayPart, before: datetime, active: Sequence[Hold]) -> bool:
    """False for a file that cannot be read: a person decides about it."""
    try:
        if part.day == OTHER_DAY:
            is_past = not stray_part.count(path, lambda table: _received_since(table, before))
        else:
            is_past = _ends_before(part.day, before)
        return is_past and not (active and _is_held(path, active))
    except StoreDamaged:
        return False


def _ends_before(day: str, before: datetime) -> bool:
    try:
        if len(day) > MONTH_CHARS:
            return day < before.date().isoformat()
        first = datetime.strptime(day, "%Y-%m").date()  # noqa: DTZ007 (a month, without a zone)
    except ValueError:
        return False
    return first + MONTH_DAYS_MAX <= before.date()


def _received_since(table: pa.Table, before: datetime) -> pa.ChunkedArray:
    received = table["received_at"]
    return pc.greater_equal(received, pa.scalar(before, received.type)).fill_null(True)


def _is_held(path: Path, active: Sequence[Hold]) -> bool:
    return bool(stray_part.count(path, lambda table: holds.held_mask(active, table)))
