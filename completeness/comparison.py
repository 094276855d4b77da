"""Compares the jobs of one dataset with Cloudflare's counts, hour by hour.

Jobs of one dataset are compared together, since a batch does not say which job sent it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from completeness.counts import DatasetCounts, is_late
from completeness.hours import HOUR, hour_of, hours_between
from completeness.report import HourCoverage
from completeness.verdicts import COUNTING_TIME, Evidence, verdict
from completeness.visits import ZoneVisits
from queries.completeness.repeated_requests import repeated_requests
from queries.completeness.visits_held import VisitsHeld, visits_held
from queries.engine import QUESTIONED, open_engine
from store.catalog.scope import Scope
from store.registers import arrivals, coverage
from store.registers.arrivals import Arrival, Removed
from store.store import Store
from upstream.connection import Connection
from upstream.counts import NO_UPLOADS, Counts, HourlyCounts, Uploads, Visits
from upstream.logpush.job import Job
from upstream.place import Zone

# The only dataset for which Cloudflare counts visitors' requests.
VISITED = "http_requests"


@dataclass(frozen=True, slots=True)
class CloudflareCounts:
    """Both counts, by the id of their zone or account, for the hours from `since` to `until`."""

    uploads: Mapping[str, HourlyCounts[dict[int, Uploads]]]
    visits: Mapping[str, HourlyCounts[Visits]]
    since: datetime
    until: datetime

    @classmethod
    def fetch(
        cls, connection: Connection, jobs: Sequence[Job], since: datetime, now: datetime
    ) -> Self:
        """The hour before and all hours up to now as well: records may be counted there."""
        start, end = since - HOUR, hour_of(now - COUNTING_TIME)
        uploads, visits = {}, {}
        visited = {job.place for job in jobs if job.dataset == VISITED}
        for place in {job.place for job in jobs}:
            counts = Counts(connection, place, now)
            uploads[place.id] = counts.uploads(start, end)
            if place in visited and isinstance(place, Zone):
                visits[place.id] = counts.visits(start, end)
        return cls(uploads, visits, start, end)

    def uploads_of(
        self, job: Job, hour: datetime, recorded: Mapping[datetime, int]
    ) -> Uploads | None:
        """None where Cloudflare has no count any more and none was recorded."""
        counted = self.uploads[job.place.id]
        if counted.knows(hour):
            return counted.hours.get(hour, {}).get(job.id, NO_UPLOADS)
        # The number of uploads is not recorded; only whether there were any matters.
        return Uploads(min(recorded[hour], 1), recorded[hour]) if hour in recorded else None


@dataclass(frozen=True, slots=True)
class Comparison:
    store: Store
    cloudflare: CloudflareCounts
    since: datetime
    until: datetime
    now: datetime

    def hours_of_jobs(
        self, dataset: str, jobs: Sequence[Job]
    ) -> Iterator[tuple[Job, list[HourCoverage]]]:
        """Every hour of each of these jobs, which are all jobs of the dataset."""
        received, gone = self._received(dataset)
        counts = DatasetCounts(self._uploads(jobs))
        counts.add(received, self._duplicates(dataset, received))
        hours = [hour for hour in hours_between(self.since, self.until) if hour < self.now]
        counts.match(hours)
        held = self._visits_held(dataset)
        for job in jobs:
            counted = self.cloudflare.visits.get(job.place.id) if dataset == VISITED else None
            visits = ZoneVisits.of(job, counted, held, len(jobs), gone)
            visits.match(hours)
            yield job, [self._hour(job, counts, visits, hour) for hour in hours]

    def _received(self, dataset: str) -> tuple[list[Arrival], Removed]:
        with self.store.catalog.read() as connection:
            since = self.cloudflare.since
            received = list(arrivals.arrivals(connection, dataset, since))
            return received, arrivals.removed(connection, dataset, since)

    def _uploads(self, jobs: Sequence[Job]) -> dict[datetime, dict[int, Uploads]]:
        """The hours whose counts are known for all jobs, from Cloudflare or from the catalog."""
        start, end = self.cloudflare.since, self.cloudflare.until
        ids = [job.id for job in jobs]
        recorded = coverage.uploaded_counts(self.store.catalog, ids, start, end)
        found = {}
        for hour in hours_between(start, end):
            counts = {
                job.id: self.cloudflare.uploads_of(job, hour, recorded.get(job.id, {}))
                for job in jobs
            }
            known = {job: each for job, each in counts.items() if each is not None}
            if len(known) == len(counts):
                found[hour] = known
        return found

    def _visits_held(self, dataset: str) -> list[VisitsHeld]:
        if dataset != VISITED or not self.cloudflare.visits:
            return []
        since, until = self.cloudflare.since, min(self.until + HOUR, self.now)
        scope = Scope(dataset=dataset, since=since, until=until)
        with open_engine(self.store.snapshot(scope), datasets=QUESTIONED) as engine:
            return visits_held(engine, since, until)

    def _duplicates(self, dataset: str, received: Sequence[Arrival]) -> dict[str, int]:
        """Records of late batches that another batch holds already: these fill no gap."""
        late = {each.batch_id: each.events for each in received if each.events and is_late(each)}
        if dataset != VISITED or not late:
            return {}
        since = min(events.first for events in late.values())
        until = max(events.last for events in late.values())
        scope = Scope(dataset=dataset, since=since, until=until + HOUR)
        with open_engine(self.store.snapshot(scope), datasets=QUESTIONED) as engine:
            return repeated_requests(engine, list(late), since, until)

    def _hour(
        self, job: Job, counts: DatasetCounts, visits: ZoneVisits, hour: datetime
    ) -> HourCoverage:
        uploads = counts.uploads.get(hour, {}).get(job.id)
        missing, others = counts.missing(hour, job.id)
        evidence = Evidence(
            hour=hour,
            uploads=uploads,
            uploads_why=self.cloudflare.uploads[job.place.id].why,
            missing=missing,
            shared_with=others,
            doubt=counts.doubt(hour),
            has_unknown_neighbour=counts.has_unknown_neighbour(hour),
            visits=visits.counted(hour),
            visits_held=visits.held[hour],
            visits_missing=visits.missing(hour),
            deletion_note=visits.deletion_note(hour),
        )
        return HourCoverage(
            hour=hour,
            verdict=verdict(job, evidence, self.now),
            received=counts.received[hour],
            uploads=uploads,
            visits=evidence.visits,
            visits_held=evidence.visits_held if evidence.visits else None,
        )
