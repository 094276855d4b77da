"""Checks how complete the store is: Cloudflare's counts against the records that are held."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby

from completeness.comparison import CloudflareCounts, Comparison
from completeness.counts import DatasetCounts
from completeness.errors import CannotCompare
from completeness.hours import hour_of, hours_between
from completeness.report import CoverageReport, HourCoverage, JobCoverage
from completeness.verdicts import TOO_YOUNG
from queries.period import Period
from store import backlog
from store.backoff import Backoff
from store.files import durable
from store.registers import arrivals, coverage
from store.registers.coverage import HourVerdict, JobHours
from store.registers.verdicts import CannotTell
from store.store import Store
from upstream.connection import Connection
from upstream.logpush.job import Job, jobs
from upstream.options import ApiOptions
from upstream.place import Place, find_account, find_zone

# A running service loads a batch within five seconds of its receipt.
LOADER_SECONDS_MAX = 10.0

NOT_ASKED = "Cloudflare was not asked: no API token is set"
NO_JOB = "no Logpush job that was found sends it here"

# The period where no start is given.
PERIOD = timedelta(days=1)

# Cloudflare keeps counts for about a month, and a person reads no more at once.
PERIOD_MAX = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class JobSelection:
    """The zones, and the account if one is named, whose jobs are checked; by id or name.

    Jobs that send to another host than `host` are left out; an empty `host` selects all.
    """

    zones: Sequence[str]
    account: str
    host: str

    def jobs(self, connection: Connection) -> list[Job]:
        zones = {find_zone(connection, name): None for name in self.zones}
        accounts = [find_account(connection, self.account)] if self.account else []
        places: list[Place] = [*zones, *accounts]
        found = [job for place in places for job in jobs(connection, place)]
        over_http = [job for job in found if job.destination.host]
        return [job for job in over_http if self.host in {"", job.destination.host}]


def whole_hours(period: Period, now: datetime) -> tuple[datetime, datetime]:
    """The period that a person typed, as whole hours that have begun."""
    end = min(period.until or now, now)
    start = hour_of(period.since or end - PERIOD)
    if start >= end:
        raise CannotCompare("no hour of this period has begun yet; choose an earlier --since")
    if end - start > PERIOD_MAX:
        raise CannotCompare(
            f"the period is longer than {PERIOD_MAX.days} days; choose a later --since"
        )
    return start, end


def received_only(store: Store, since: datetime, until: datetime) -> CoverageReport:
    """Only what was received, where Cloudflare cannot be asked. Nothing is recorded."""
    with store.catalog.read() as connection:
        names = arrivals.datasets(connection)
    found = [_without_job(store, name, since, until, NOT_ASKED) for name in names]
    return CoverageReport(since=since, until=until, jobs=found)


def check(
    store: Store, options: ApiOptions, selection: JobSelection, since: datetime, until: datetime
) -> CoverageReport:
    """Check the hours from `since` until `until`, and record new verdicts."""
    now = store.clock()
    with Connection(options) as connection:
        ours = selection.jobs(connection)
        _wait_for_loader(store)
        counts = CloudflareCounts.fetch(connection, ours, since, now)
    comparison = Comparison(store, counts, since, until, now)
    checked = [
        pair for name, some in _by_dataset(ours) for pair in comparison.hours_of_jobs(name, some)
    ]
    recorded = coverage.record(store.catalog, now, [_to_record(*each) for each in checked])
    with store.catalog.read() as connection_to_catalog:
        names = set(arrivals.datasets(connection_to_catalog)) - {job.dataset for job in ours}
    shown = [_with_recorded(job, hours, recorded.hours[job.id]) for job, hours in checked]
    shown += [_without_job(store, name, since, until, NO_JOB) for name in sorted(names)]
    return CoverageReport(since=since, until=until, jobs=shown, sequence=recorded.sequence)


def _without_job(
    store: Store, name: str, since: datetime, until: datetime, why: str
) -> JobCoverage:
    counts = DatasetCounts({})
    with store.catalog.read() as connection:
        counts.add(arrivals.arrivals(connection, name, since))
    hours = [
        HourCoverage(hour=hour, verdict=CannotTell(why), received=counts.received[hour])
        for hour in hours_between(since, until)
    ]
    return JobCoverage(dataset=name, job=None, hours=hours)


def _by_dataset(ours: Sequence[Job]) -> Iterator[tuple[str, list[Job]]]:
    ordered = sorted(ours, key=lambda job: (job.dataset, job.id))
    for name, some in groupby(ordered, key=lambda job: job.dataset):
        yield name, list(some)


def _to_record(job: Job, hours: Sequence[HourCoverage]) -> JobHours:
    return JobHours(
        dataset=job.dataset,
        job=job.id,
        place=job.place.id,
        hours={
            each.hour: HourVerdict(each.verdict, each.uploads.records if each.uploads else None)
            for each in hours
            # These hours get a verdict soon; a ledger entry about them would be noise.
            if each.verdict != TOO_YOUNG
        },
    )


def _with_recorded(
    job: Job, hours: Sequence[HourCoverage], recorded: Mapping[datetime, HourVerdict]
) -> JobCoverage:
    """An earlier verdict stays where Cloudflare's counts are no longer available."""
    shown = [
        replace(each, verdict=recorded[each.hour].verdict) if each.hour in recorded else each
        for each in hours
    ]
    return JobCoverage(dataset=job.dataset, job=job, hours=shown)


def _wait_for_loader(store: Store) -> None:
    """Wait until everything received by now is loaded, if a loader is running."""
    until = store.progress().sequence
    for _ in Backoff(seconds_max=LOADER_SECONDS_MAX).attempts():
        with durable.lock(store.layout.loader_lock) as no_loader:
            if no_loader or not backlog.waiting(store, until):
                return
