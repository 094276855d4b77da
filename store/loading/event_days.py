"""The days in whose folders the events of a batch may lie.

An event that is too far from its receipt goes to one common folder, so that a wrong clock cannot
create folders (DESIGN, Names). Fetched batches, from an archive or a pull of logins, are meant to
hold old events, so their old days have folders.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import OTHER_DAY

EVENT_AGE_MAX = timedelta(days=31)
EVENT_LEAD_MAX = timedelta(days=1)

# Cloudflare opened to the public on this day; no log is older.
CLOUDFLARE_BEGAN = date(2010, 9, 27)

# A file of an archive holds minutes or a day. Clocks that spread it over more days are wrong.
FETCHED_DAYS_MAX = 62


class EventDays(NamedTuple):
    """The first and the last of these days."""

    oldest: date
    newest: date

    def with_folders(self, days: Iterable[date | None]) -> list[date]:
        """The days with a folder of their own, in order; only the newest if they are too many."""
        near = sorted(day for day in days if day and self.oldest <= day <= self.newest)
        return near[-FETCHED_DAYS_MAX:]

    @classmethod
    def of(cls, batch: CatalogRow) -> "EventDays":
        return cls.received(
            timestamps.from_text(batch["received_at"]), is_fetched=batch["is_fetched"]
        )

    @classmethod
    def received(cls, at: datetime, *, is_fetched: bool) -> "EventDays":
        oldest = CLOUDFLARE_BEGAN if is_fetched else (at - EVENT_AGE_MAX).date()
        return cls(oldest, (at + EVENT_LEAD_MAX).date())


def by_day(table: pa.Table, within: EventDays) -> Iterator[tuple[str, pa.Table]]:
    """Split rows by event day; rows without a time or outside `within` are `__other__`."""
    days = table["event_time"].cast(pa.date32())
    found: list[date | None] = pc.unique(days).to_pylist()
    near = within.with_folders(found)
    if len(found) == 1:
        # Nearly every batch is of one day, and filtering would copy it.
        yield near[0].isoformat() if near else OTHER_DAY, table
        return
    for day in near:
        yield day.isoformat(), table.filter(pc.equal(days, pa.scalar(day)))
    if len(near) < len(found):
        is_near = pc.is_in(days, value_set=pa.array(near, pa.date32()))
        yield OTHER_DAY, table.filter(pc.invert(is_near))
