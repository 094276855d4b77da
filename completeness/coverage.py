"""One look at how complete the store is: what Cloudflare counted against what is held.

Jobs of one dataset are compared together, since a batch does not say which job sent it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby

from completeness.counts import Books, hour_of, hours_between, is_late
from completeness.errors import CannotCompare
from completeness.report import Hour, JobFound, Looked
from completeness.verdicts import HOUR, INGESTED, TOO_YOUNG, Evidence, verdict
from completeness.visits import Visited
from queries.engine import QUESTIONED, open_engine
from queries.period import parse_period
from queries.repeated_requests import doubles
from queries.visits_held import VisitsHeld, visits_held
from store import backlog
from store.backoff import Patience
from store.catalog.scope import Scope
from store.files import durable
from store.registers import arrivals, coverage
from store.registers.arrivals import Arrival, Gone
from store.registers.coverage import JobHours, Judged
from store.registers.verdicts import CannotTell
from store.store import Store
from upstream.connection import Connection
from upstream.counts import NO_UPLOADS, Counted, Counts, Uploads, Visits
from upstream.logpush.job import Job, jobs
from upstream.options import ApiOptions
from upstream.place import Account, Zone, find_account, find_zone

VISITED = "http_requests"

# Batches are rows within five seconds of their receipt.
LOADER_SECONDS_MAX = 10.0

NOT_ASKED = "no API token of Cloudflare is set, so nobody was asked"
NO_JOB = "no job that was found sends it here"


# What is shown where nobody says since when.
SPAN = timedelta(days=1)

# Cloudflare keeps counts for a month or so, and a person reads no more.
SPAN_MAX = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class Asked:
    """The zones, and the account if it is named, whose jobs are looked at; by id or name.

    Jobs that send to another host than `host` are none of ours; empty, all are.
    """

    zones: Sequence[str]
    account: str
    host: str


def span(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """The hours that a person asked for, whole ones, and none that is yet to begin."""
    period = parse_period(since, until)
    end = min(period.until or now, now)
    start = hour_of(period.since or end - SPAN)
    if start >= end:
        raise CannotCompare("no hour of that has begun")
    if end - start > SPAN_MAX:
        raise CannotCompare(
            f"more than {SPAN_MAX.days} days at once; ask for some of them with --since"
        )
    return start, end


def unasked(store: Store, since: datetime, until: datetime) -> Looked:
    """What is held, where Cloudflare cannot be asked. Nothing is kept of it."""
    with store.catalog.read() as connection:
        names = arrivals.datasets(connection)
    found = [_without_job(store, name, since, until, NOT_ASKED) for name in names]
    return Looked(since=since, until=until, jobs=found)


def ask(
    store: Store, options: ApiOptions, asked: Asked, since: datetime, until: datetime
) -> Looked:
    """Look at the hours of [since, until)."""
    with Connection(options) as connection:
        zones = {find_zone(connection, name): None for name in asked.zones}
        account = [find_account(connection, asked.account)] if asked.account else []
        return Look(
            store=store,
            connection=connection,
            places=[*zones, *account],
            host=asked.host,
            now=store.clock(),
            since=since,
            until=until,
        ).run()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Everything that one look needs; `uploads` and `visits` are by the id of their place."""

    store: Store
    connection: Connection
    places: Sequence[Zone | Account]
    host: str
    now: datetime
    since: datetime
    until: datetime
    uploads: dict[str, Counted[dict[int, Uploads]]] = field(default_factory=dict)
    visits: dict[str, Counted[Visits]] = field(default_factory=dict)

    def run(self) -> Looked:
        """Look, and keep what is new."""
        found = [job for place in self.places for job in jobs(self.connection, place)]
        over_http = [job for job in found if job.destination.host]
        ours = [job for job in over_http if not self.host or job.destination.host == self.host]
        _wait_for_loader(self.store)
        self._ask({job.place for job in ours}, ours)
        judged = [each for name, some in _by_dataset(ours) for each in self._dataset(name, some)]
        recorded = coverage.record(self.store.catalog, self.now, [_kept(*each) for each in judged])
        with self.store.catalog.read() as connection:
            names = set(arrivals.datasets(connection)) - {job.dataset for job in ours}
        shown = [_amended(job, hours, recorded.hours[job.id]) for job, hours in judged]
        shown += [
            _without_job(self.store, name, self.since, self.until, NO_JOB) for name in sorted(names)
        ]
        return Looked(since=self.since, until=self.until, jobs=shown, sequence=recorded.sequence)

    @property
    def _counted_until(self) -> datetime:
        """The end of the newest hour that Cloudflare has counted to its end."""
        return hour_of(self.now - INGESTED)

    def _ask(self, places: Iterable[Zone | Account], ours: Sequence[Job]) -> None:
        visited = {job.place.id for job in ours if job.dataset == VISITED}
        for place in places:
            counts = Counts(self.connection, place, self.now)
            # An hour more, and all up to now: a gap may be filled from the hours beside.
            span = self.since - HOUR, self._counted_until
            self.uploads[place.id] = counts.uploads(*span)
            if place.id in visited and isinstance(place, Zone):
                self.visits[place.id] = counts.visits(*span)

    def _dataset(self, name: str, some: Sequence[Job]) -> Iterator[tuple[Job, list[Hour]]]:
        came, gone = self._came(name)
        books = Books(self._by_job(some))
        books.enter(came, self._doubles(name, came))
        hours = [hour for hour in hours_between(self.since, self.until) if hour < self.now]
        books.balance(hours)
        held = self._visits_held(name)
        for job in some:
            counts = self.visits.get(job.place.id) if name == VISITED else None
            visited = Visited.of(job, counts, held, len(some), gone)
            visited.balance(hours)
            yield job, [self._hour(job, books, visited, hour) for hour in hours]

    def _came(self, name: str) -> tuple[list[Arrival], Gone]:
        with self.store.catalog.read() as connection:
            since = self.since - HOUR
            came = list(arrivals.arrivals(connection, name, since))
            return came, arrivals.gone(connection, name, since)

    def _by_job(self, some: Sequence[Job]) -> dict[datetime, dict[int, Uploads]]:
        """What is known of all of them; what was told once is known though it is told no more."""
        span = self.since - HOUR, self._counted_until
        told = coverage.remembered(self.store.catalog, [job.id for job in some], *span)
        found = {}
        for hour in hours_between(*span):
            known = {job.id: self._uploaded(job, hour, told.get(job.id, {})) for job in some}
            whole = {name: each for name, each in known.items() if each is not None}
            if len(whole) == len(known):
                found[hour] = whole
        return found

    def _uploaded(self, job: Job, hour: datetime, told: Mapping[datetime, int]) -> Uploads | None:
        counted = self.uploads[job.place.id]
        if counted.knows(hour):
            return counted.hours.get(hour, {}).get(job.id, NO_UPLOADS)
        # How many uploads they were is not remembered; none or some is all that matters.
        return Uploads(min(told[hour], 1), told[hour]) if hour in told else None

    def _visits_held(self, name: str) -> list[VisitsHeld]:
        if name != VISITED or not self.visits:
            return []
        since, until = self.since - HOUR, min(self.until + HOUR, self.now)
        scope = Scope(dataset=name, since=since, until=until)
        with open_engine(self.store.snapshot(scope), datasets=QUESTIONED) as engine:
            return visits_held(engine, since, until)

    def _doubles(self, name: str, came: Sequence[Arrival]) -> dict[str, int]:
        """What an archive holds of what is here already fills no gap."""
        late = {each.batch_id: each.events for each in came if each.events and is_late(each)}
        if name != VISITED or not late:
            return {}
        since = min(events.first for events in late.values())
        until = max(events.last for events in late.values())
        scope = Scope(dataset=name, since=since, until=until + HOUR)
        with open_engine(self.store.snapshot(scope), datasets=QUESTIONED) as engine:
            return doubles(engine, list(late), since, until)

    def _hour(self, job: Job, books: Books, visited: Visited, hour: datetime) -> Hour:
        uploads = books.by_job.get(hour, {}).get(job.id)
        missing, others = books.missing(hour, job.id)
        evidence = Evidence(
            hour=hour,
            uploads=uploads,
            uploads_why=self.uploads[job.place.id].why,
            missing=missing,
            shared_with=others,
            waiting=books.waiting(hour),
            is_beside_unknown=books.is_beside_unknown(hour),
            visits=visited.counted(hour),
            visits_held=visited.held[hour],
            visits_missing=visited.missing(hour),
            gone=visited.gone_text(hour),
        )
        return Hour(
            hour=hour,
            verdict=verdict(job, evidence, self.now),
            received=books.received[hour],
            uploads=uploads,
            visits=evidence.visits,
            visits_held=evidence.visits_held if evidence.visits else None,
        )


def _without_job(store: Store, name: str, since: datetime, until: datetime, why: str) -> JobFound:
    books = Books({})
    with store.catalog.read() as connection:
        books.enter(arrivals.arrivals(connection, name, since))
    found = (
        Hour(hour=hour, verdict=CannotTell(why), received=books.received[hour])
        for hour in hours_between(since, until)
    )
    return JobFound(dataset=name, job=None, hours=list(found))


def _by_dataset(ours: Sequence[Job]) -> Iterator[tuple[str, list[Job]]]:
    ordered = sorted(ours, key=lambda job: (job.dataset, job.id))
    for name, some in groupby(ordered, key=lambda job: job.dataset):
        yield name, list(some)


def _kept(job: Job, hours: Sequence[Hour]) -> JobHours:
    return JobHours(
        dataset=job.dataset,
        job=job.id,
        place=job.place.id,
        hours={
            each.hour: Judged(each.verdict, each.uploads.records if each.uploads else None)
            for each in hours
            # Those are told soon enough, and until then nobody needs an entry about them.
            if each.verdict != TOO_YOUNG
        },
    )


def _amended(job: Job, hours: Sequence[Hour], known: Mapping[datetime, Judged]) -> JobFound:
    """What was known before stays known where nobody can tell any more."""
    shown = [
        replace(each, verdict=known[each.hour].verdict) if each.hour in known else each
        for each in hours
    ]
    return JobFound(dataset=job.dataset, job=job, hours=shown)


def _wait_for_loader(store: Store) -> None:
    """What came by now is rows before anybody counts, where a loader is at work."""
    until = store.progress().sequence
    for _ in Patience(seconds_max=LOADER_SECONDS_MAX).tries():
        with durable.lock(store.layout.loader_lock) as no_loader:
            if no_loader or not backlog.waiting(store, until):
                return
