"""The service's own look at coverage: every hour is judged soon after it is over, by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from completeness import coverage as covering
from completeness.counts import hour_of
from completeness.report import Hour, JobFound, Looked
from store import timestamps
from store.log import Log
from store.registers import coverage
from store.registers.verdicts import Partial
from store.store import Store
from upstream.options import ApiOptions

# Cloudflare keeps its counts for about a month; of hours before that nobody can tell any more.
REACH = timedelta(days=30)

NOT_JUDGED = "hours not judged"


@dataclass(slots=True)
class Certifying:
    """`told` are the hours whose missing records were logged before, with how many they were."""

    store: Store
    log: Log
    options: ApiOptions
    asked: covering.Asked
    told: set[tuple[int, datetime, int]] = field(default_factory=set)

    def once(self) -> None:
        """Judge the last day, and what came before it while no service ran."""
        now = self.store.clock()
        found = covering.ask(self.store, self.options, self.asked, self._since(now), now)
        for job, partial in _partial(found):
            self._tell(job, partial)
        if found.sequence is not None:
            self.log.info("hours judged", sequence=found.sequence)

    def _since(self, now: datetime) -> datetime:
        with self.store.catalog.read() as connection:
            judged_until = coverage.judged_until(connection)
        yesterday = now - covering.SPAN
        return hour_of(max(min(judged_until or yesterday, yesterday), now - REACH))

    def _tell(self, job: int, hours: list[tuple[Hour, int]]) -> None:
        for hour, missing in hours:
            news = (job, hour.hour, missing)
            if news not in self.told:
                self.told.add(news)
                self.log.error(
                    "records are missing",
                    job=job,
                    hour=timestamps.to_text(hour.hour),
                    missing=missing,
                )


def _partial(found: Looked) -> Iterator[tuple[int, list[tuple[Hour, int]]]]:
    for each in found.jobs:
        if each.job is not None:
            yield each.job.id, _missing(each)


def _missing(found: JobFound) -> list[tuple[Hour, int]]:
    return [
        (hour, hour.verdict.missing) for hour in found.hours if isinstance(hour.verdict, Partial)
    ]
