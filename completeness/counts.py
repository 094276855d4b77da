"""Compares the records that Cloudflare uploaded with those received, hour by hour of one dataset."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from completeness.hours import HOUR, hour_of
from completeness.matching import HourRange, missing_records
from store.registers.arrivals import Arrival
from upstream.counts import Uploads

# An upload takes seconds, at most the receiver's deadline, and correct clocks differ by less.
CLOCKS_APART = timedelta(minutes=5)

# Logs arrive within minutes. Older ones come from a job that catches up, or from an archive.
LATE = timedelta(hours=1)

# Cloudflare switches a job off after it has failed for this long, so older events were not
# uploaded by it.
RETRIED_MAX = timedelta(hours=24)

NO_DUPLICATES: Mapping[str, int] = {}

PENDING = "batches that may contain them wait to be loaded"
UNREAD = "batches of that time cannot be read"


@dataclass(slots=True)
class Received:
    """Everything received in one hour, by the store's clock."""

    batches: int = 0
    records: int = 0
    bytes: int = 0


@dataclass(slots=True)
class DatasetCounts:
    """`uploads` has each job's uploads in every hour whose counts are known for all jobs."""

    uploads: Mapping[datetime, Mapping[int, Uploads]]
    received: dict[datetime, Received] = field(default_factory=lambda: defaultdict(Received))
    held: Counter[HourRange] = field(default_factory=Counter)
    pending_until: datetime | None = None
    unread: set[datetime] = field(default_factory=set)
    gaps: Mapping[datetime, int] = field(default_factory=dict)

    def add(
        self, arrivals: Iterable[Arrival], duplicates: Mapping[str, int] = NO_DUPLICATES
    ) -> None:
        """`duplicates` has, by batch id, how many records another batch contains as well."""
        for arrival in arrivals:
            received = self.received[hour_of(arrival.received_at)]
            received.batches += 1
            received.bytes += arrival.bytes
            received.records += arrival.records or 0
            near = _range_when_due(arrival)
            if arrival.records is not None:
                self._hold(arrival, arrival.records - duplicates.get(arrival.batch_id, 0))
            elif arrival.is_unread:
                self.unread |= {near.first, near.own, near.last}
            else:
                # Arrivals are ordered, oldest first.
                self.pending_until = near.last

    def match(self, hours: Sequence[datetime]) -> None:
        """Compute the gaps of these hours, once everything is added."""
        counted = {
            hour: sum(each.records for each in jobs.values()) for hour, jobs in self.uploads.items()
        }
        known = [hour for hour in hours if hour in counted]
        self.gaps = missing_records(counted, self.held, known)

    def missing(self, hour: datetime, job: int) -> tuple[int, tuple[int, ...]]:
        """How many of a job's records are missing, and the other jobs they may belong to.

        A batch does not say which job sent it. A failed upload does, and is attributed first.
        """
        gap, jobs = self.gaps.get(hour, 0), self.uploads.get(hour, {})
        lost = {name: each.lost_records for name, each in jobs.items() if each.lost_records}
        of = lost if sum(lost.values()) >= gap else {n: each.records for n, each in jobs.items()}
        if not gap or not of.get(job):
            return 0, ()
        is_certain = len(of) == 1 or sum(of.values()) == gap
        others = tuple(sorted(name for name in of if name != job and of[name]))
        return min(gap, of[job]), () if is_certain else others

    def doubt(self, hour: datetime) -> str:
        """Why this hour's missing records may be in the store after all; empty if they are not."""
        if self.pending_until is not None and hour <= self.pending_until:
            return PENDING
        return UNREAD if hour in self.unread else ""

    def has_unknown_neighbour(self, hour: datetime) -> bool:
        """Whether some records may have been counted in a neighbouring hour without a count."""
        return not {hour - HOUR, hour + HOUR} <= self.uploads.keys()

    def _hold(self, arrival: Arrival, records: int) -> None:
        held = _range_when_late(arrival) if is_late(arrival) else None
        if held is None:
            held = _range_when_due(arrival)
            # They may have been counted in an hour without a count, so they fill no gap.
            if not {held.first, held.last} <= self.uploads.keys():
                return
        self.held[held] += records


def is_late(arrival: Arrival) -> bool:
    """Whether its events were already old when it was received."""
    return arrival.events is not None and arrival.received_at - arrival.events.first > LATE


def _range_when_due(arrival: Arrival) -> HourRange:
    """The hours in which a batch that was not late may have been counted.

    Cloudflare does not document whether it counts by the time of upload or of the events.
    """
    received_at, events = arrival.received_at, arrival.events
    first = received_at - CLOCKS_APART
    if events is not None:
        first = min(first, max(events.first, received_at - LATE))
    return HourRange(hour_of(received_at), hour_of(first), hour_of(received_at + CLOCKS_APART))


def _range_when_late(arrival: Arrival) -> HourRange | None:
    """A late batch may belong to an upload of any hour since its events."""
    received_at, events = arrival.received_at, arrival.events
    if events is None:
        return None
    oldest = hour_of(max(events.first, events.last - RETRIED_MAX))
    if received_at - events.last > RETRIED_MAX:
        return HourRange(hour_of(events.last), oldest, hour_of(events.last + RETRIED_MAX))
    near = _range_when_due(arrival)
    return HourRange(near.own, min(oldest, near.first), near.last)
