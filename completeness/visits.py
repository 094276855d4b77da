"""Visitors' requests of one zone: those Cloudflare's analytics counted, and those held here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from completeness.hours import HOUR
from completeness.matching import HourRange, missing_records
from queries.completeness.visits_held import VisitsHeld
from store.registers.arrivals import Removed
from upstream.counts import NO_VISITS, HourlyCounts, Visits
from upstream.logpush.job import Job


@dataclass(slots=True)
class ZoneVisits:
    """`counts` is None where the job's dataset has no visits; `gone` is what was deleted here."""

    counts: HourlyCounts[Visits] | None
    gone: Removed
    ranges: dict[HourRange, int]
    held: dict[datetime, int]
    gaps: Mapping[datetime, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        job: Job,
        counts: HourlyCounts[Visits] | None,
        held: Iterable[VisitsHeld],
        jobs_of_dataset: int,
        gone: Removed,
    ) -> "ZoneVisits":
        # Rows without a zone name belong to the job's zone if it is the only job.
        zones = {job.place.name.lower()} | ({None} if jobs_of_dataset == 1 else set())
        ranges: dict[HourRange, int] = defaultdict(int)
        by_hour: dict[datetime, int] = defaultdict(int)
        for each in held:
            if each.zone in zones:
                first = each.hour - HOUR if each.side == "first" else each.hour
                last = each.hour + HOUR if each.side == "last" else each.hour
                ranges[HourRange(each.hour, first, last)] += each.requests
                by_hour[each.hour] += each.requests
        return cls(counts, gone, ranges, by_hour)

    def match(self, hours: Sequence[datetime]) -> None:
        """Compute the gaps of these hours."""
        if self.counts is None or not hours:
            return
        with_neighbours = [hours[0] - HOUR, *hours, hours[-1] + HOUR]
        counted = {hour: found.lower for hour in with_neighbours if (found := self.counted(hour))}
        known = [hour for hour in hours if hour in counted]
        self.gaps = missing_records(counted, self.ranges, known)

    def counted(self, hour: datetime) -> Visits | None:
        if self.counts is None or not self.counts.knows(hour):
            return None
        return self.counts.hours.get(hour, NO_VISITS)

    def missing(self, hour: datetime) -> int | None:
        """Visits that are certainly missing; None where rows deleted here hide the answer."""
        if self._is_retired(hour):
            return None
        gap = self.gaps.get(hour, 0)
        return gap if gap > self.gone.erased or not gap else None

    def deletion_note(self, hour: datetime) -> str:
        """What was deleted here since; empty where nothing was."""
        if self._is_retired(hour):
            return "it was complete; its rows have since been deleted by retention"
        return f"{self.gone.erased:,} rows have since been erased" if self.gone.erased else ""

    def _is_retired(self, hour: datetime) -> bool:
        return self.gone.cutoff is not None and hour < self.gone.cutoff
