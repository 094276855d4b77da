"""The days in whose folders the events of a batch may lie.

An event further from its receipt goes to one common folder, so that nobody's clock makes folders
(DESIGN, Names). Of what we fetched ourselves, an archive or a login of months ago, somebody
wanted just those old days.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from store import timestamps
from store.catalog.counts import CatalogRow

EVENT_AGE_MAX = timedelta(days=31)
EVENT_LEAD_MAX = timedelta(days=1)

# Cloudflare opened to the public; no log is older.
CLOUDFLARE_BEGAN = date(2010, 9, 27)

# Files of an archive hold minutes or a day; whose clocks spread one over more get no folders.
FETCHED_DAYS_MAX = 62


class EventDays(NamedTuple):
    """The first and the last of them."""

    oldest: date
    newest: date

    def of_these(self, days: Iterable[date | None]) -> list[date]:
        """Those that get a folder of their own, in order: the newest, where they are too many."""
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
