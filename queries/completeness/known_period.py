"""Hours of a period that the store has nothing of, so that "none" is not claimed of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from queries.report.coverage.complete_hours import hours_of
from queries.report.coverage.values import Hours
from store import timestamps
from store.reading.snapshot import Snapshot

HOUR = timedelta(hours=1)

_DATASET = "http_requests"


@dataclass(frozen=True, slots=True)
class Gap:
    """The store has no request of anybody from `since` to `until`."""

    since: datetime
    until: datetime

    @property
    def whole_hours(self) -> int:
        return (self.until - self.since) // HOUR


@dataclass(frozen=True, slots=True)
class KnownPeriod:
    """What is known of how complete a period is. `hours` are Cloudflare's counts compared."""

    gaps: tuple[Gap, ...]
    hours: Hours
    # Whether the store has no request of anybody in the whole period.
    is_empty: bool = False


def known_period(snapshot: Snapshot, since: datetime, until: datetime) -> KnownPeriod:
    """Of a snapshot of all users. Gaps are at least an hour long, and between the times of files:
    a file of a day may have gaps of its own.
    """
    spans = (
        (timestamps.from_text(part.time_min), timestamps.from_text(part.time_max))
        for part in snapshot.parts.values()
        if part.dataset == _DATASET and part.time_min and part.time_max
    )
    gaps = tuple(each for each in _gaps(spans, since, until) if each.whole_hours)
    is_empty = gaps == (Gap(since, until),)
    return KnownPeriod(gaps, hours_of(snapshot.coverage, since, until), is_empty)


def _gaps(
    spans: Iterable[tuple[datetime, datetime]], since: datetime, until: datetime
) -> Iterator[Gap]:
    seen_until = since
    for begin, end in sorted(spans):
        if begin >= until:
            break
        if begin > seen_until:
            yield Gap(seen_until, begin)
        seen_until = max(seen_until, end)
    if seen_until < until:
        yield Gap(seen_until, until)
