"""The days in whose folders the events of a batch may lie.

An event that is too far from its receipt goes to one common folder, so that a wrong clock cannot
create folders (DESIGN, Names). Fetched batches, from an archive or a pull of logins, are meant to
hold old events, so their old days have folders.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from store import timestamps
from store.catalog.counts import CatalogRow

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
