"""Visitors' requests of one zone: as many as Cloudflare's analytics counted, and those held here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from completeness import matching
from completeness.matching import HOUR, Held
from queries.visits_held import VisitsHeld
from store.registers.arrivals import Gone
from upstream.counts import NO_VISITS, Counted, Visits
from upstream.logpush.job import Job


@dataclass(slots=True)
class Visited:
    """Visitors' requests of one job's zone: counted by Cloudflare, and held here."""

    counts: Counted[Visits] | None
    gone: Gone
    groups: dict[Held, int]
    held: dict[datetime, int]
    gaps: Mapping[datetime, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        job: Job,
        counts: Counted[Visits] | None,
        held: Iterable[VisitsHeld],
        jobs_of_dataset: int,
        gone: Gone,
    ) -> "Visited":
        # Rows that do not name their zone are of the only one there is.
        zones = {job.place.name.lower()} | ({None} if jobs_of_dataset == 1 else set())
        groups: dict[Held, int] = defaultdict(int)
        by_hour: dict[datetime, int] = defaultdict(int)
        for each in held:
            if each.zone in zones:
                first = each.hour - HOUR if each.side == "first" else each.hour
                last = each.hour + HOUR if each.side == "last" else each.hour
                groups[Held(each.hour, first, last)] += each.requests
                by_hour[each.hour] += each.requests
        return cls(counts, gone, groups, by_hour)

    def balance(self, hours: Sequence[datetime]) -> None:
        if self.counts is None or not hours:
            return
        beside = [hours[0] - HOUR, *hours, hours[-1] + HOUR]
        counted = {hour: found.lower for hour in beside if (found := self.counted(hour))}
        self.gaps = matching.missing(
            counted, self.groups, [hour for hour in hours if hour in counted]
        )

    def counted(self, hour: datetime) -> Visits | None:
        if self.counts is None or not self.counts.knows(hour):
            return None
        return self.counts.hours.get(hour, NO_VISITS)

    def missing(self, hour: datetime) -> int | None:
        """What is certainly missing; None where what we let go of ourselves hides it."""
        if self._is_retired(hour):
            return None
        gap = self.gaps.get(hour, 0)
        return gap if gap > self.gone.erased or not gap else None

    def gone_text(self, hour: datetime) -> str:
        if self._is_retired(hour):
            return "it was complete; its rows have outlived their days since"
        return f"{self.gone.erased:,} rows were erased since" if self.gone.erased else ""

    def _is_retired(self, hour: datetime) -> bool:
        return self.gone.cutoff is not None and hour < self.gone.cutoff
