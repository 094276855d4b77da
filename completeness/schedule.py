"""The coverage check of the service: each hour gets its verdict soon after it has ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from completeness.coverage import PERIOD, JobSelection, check
from completeness.hours import hour_of
from completeness.report import CoverageReport, HourCoverage
from store import timestamps
from store.log import Log
from store.registers import coverage
from store.registers.verdicts import Partial
from store.store import Store
from upstream.options import ApiOptions

# Cloudflare keeps its counts for about a month; earlier hours cannot be checked any more.
REACH = timedelta(days=30)

NOT_JUDGED = "hours not judged"


@dataclass(slots=True)
class CoverageSchedule:
    """`logged` are the hours whose missing records were logged, with their number."""

    store: Store
    log: Log
    options: ApiOptions
    selection: JobSelection
    logged: set[tuple[int, datetime, int]] = field(default_factory=set)

    def once(self) -> None:
        """Check the last day, and earlier hours during which no service ran."""
        now = self.store.clock()
        report = check(self.store, self.options, self.selection, self._since(now), now)
        for job, hour, missing in _missing(report):
            if (job, hour.hour, missing) not in self.logged:
                self.logged.add((job, hour.hour, missing))
                at = timestamps.to_text(hour.hour)
                self.log.error("records are missing", job=job, hour=at, missing=missing)
        if report.sequence is not None:
            self.log.info("hours judged", sequence=report.sequence)

    def _since(self, now: datetime) -> datetime:
        with self.store.catalog.read() as connection:
            judged_until = coverage.judged_until(connection)
        yesterday = now - PERIOD
        return hour_of(max(min(judged_until or yesterday, yesterday), now - REACH))


def _missing(report: CoverageReport) -> Iterator[tuple[int, HourCoverage, int]]:
    for each in report.jobs:
        for hour in each.hours:
            if each.job and isinstance(hour.verdict, Partial):
                yield each.job.id, hour, hour.verdict.missing
