"""One dataset's books: what Cloudflare says it uploaded, against what arrived, hour by hour."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from completeness import matching
from completeness.matching import HOUR, Held
from store.registers.arrivals import Arrival
from upstream.counts import Uploads

# An upload takes seconds, at most the receiver's deadline; and clocks that are right differ less.
CLOCKS_APART = timedelta(minutes=5)

# Logs come after some minutes. Older ones come of a job that catches up, or from an archive.
LATE = timedelta(hours=1)

# A job is switched off after failing for so long; what is older was not pushed by it.
RETRIED_MAX = timedelta(hours=24)

NO_DOUBLES: Mapping[str, int] = {}

PENDING = "batches wait to be loaded, which may hold them"
UNREAD = "batches of that time cannot be read"


@dataclass(slots=True)
class Received:
    """What came in one hour, by our clock."""

    batches: int = 0
    records: int = 0
    bytes: int = 0


@dataclass(slots=True)
class Books:
    """`by_job` has what each job uploaded in each hour that is known of all of them."""

    by_job: Mapping[datetime, Mapping[int, Uploads]]
    received: dict[datetime, Received] = field(default_factory=lambda: defaultdict(Received))
    held: Counter[Held] = field(default_factory=Counter)
    pending_until: datetime | None = None
    unread: set[datetime] = field(default_factory=set)
    gaps: Mapping[datetime, int] = field(default_factory=dict)

    def enter(self, arrivals: Iterable[Arrival], doubles: Mapping[str, int] = NO_DOUBLES) -> None:
        """`doubles` are records of a batch that came in another one already, by its id."""
        for arrival in arrivals:
            came = self.received[hour_of(arrival.received_at)]
            came.batches += 1
            came.bytes += arrival.bytes
            came.records += arrival.records or 0
            near = _near(arrival)
            if arrival.records is not None:
                self._hold(arrival, arrival.records - doubles.get(arrival.batch_id, 0))
            elif arrival.is_unread:
                self.unread |= {near.first, near.own, near.last}
            else:
                # Arrivals come oldest first.
                self.pending_until = near.last

    def balance(self, hours: Sequence[datetime]) -> None:
        counted = {
            hour: sum(each.records for each in jobs.values()) for hour, jobs in self.by_job.items()
        }
        asked = [hour for hour in hours if hour in counted]
        self.gaps = matching.missing(counted, self.held, asked)

    def missing(self, hour: datetime, job: int) -> tuple[int, tuple[int, ...]]:
        """How much of a job's records is missing, and which other jobs' they may be.

        A batch does not say which job sent it. What failed for good does, and is taken first.
        """
        gap, jobs = self.gaps.get(hour, 0), self.by_job.get(hour, {})
        lost = {name: each.lost_records for name, each in jobs.items() if each.lost_records}
        of = lost if sum(lost.values()) >= gap else {n: each.records for n, each in jobs.items()}
        if not gap or not of.get(job):
            return 0, ()
        # Alone, or lost as a whole, it is known whose they are.
        is_known = len(of) == 1 or sum(of.values()) == gap
        others = tuple(sorted(name for name in of if name != job and of[name]))
        return min(gap, of[job]), () if is_known else others

    def waiting(self, hour: datetime) -> str:
        """Why what is missing in this hour may be here after all, unread; empty where it is not."""
        if self.pending_until is not None and hour <= self.pending_until:
            return PENDING
        return UNREAD if hour in self.unread else ""

    def is_beside_unknown(self, hour: datetime) -> bool:
        """Whether some of it may have been counted in an hour of which no count is known."""
        return not {hour - HOUR, hour + HOUR} <= self.by_job.keys()

    def _hold(self, arrival: Arrival, records: int) -> None:
        group = _of_late(arrival) if is_late(arrival) else None
        if group is None:
            group = _near(arrival)
            # What may have been counted in an hour that is not known is nobody's to give.
            if not {group.first, group.last} <= self.by_job.keys():
                return
        self.held[group] += records


def _near(arrival: Arrival) -> Held:
    """Where a batch that came when it was due may have been counted: when it came, or when its
    events were, since nobody says which of the two Cloudflare goes by.
    """
    received_at, events = arrival.received_at, arrival.events
    first = received_at - CLOCKS_APART
    if events is not None:
        first = min(first, max(events.first, received_at - LATE))
    return Held(hour_of(received_at), hour_of(first), hour_of(received_at + CLOCKS_APART))


def is_late(arrival: Arrival) -> bool:
    """Whether its events were old when it came."""
    return arrival.events is not None and arrival.received_at - arrival.events.first > LATE


def _of_late(arrival: Arrival) -> Held | None:
    """It may stand for an upload of any hour since its events."""
    received_at, events = arrival.received_at, arrival.events
    if events is None:
        return None
    oldest = hour_of(max(events.first, events.last - RETRIED_MAX))
    if received_at - events.last > RETRIED_MAX:
        return Held(hour_of(events.last), oldest, hour_of(events.last + RETRIED_MAX))
    near = _near(arrival)
    return Held(near.own, min(oldest, near.first), near.last)


def hour_of(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def hours_between(since: datetime, until: datetime) -> Iterator[datetime]:
    hour = hour_of(since)
    while hour < until:
        yield hour
        hour += HOUR
