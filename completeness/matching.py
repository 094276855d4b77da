"""Matches the records that are held to the records that Cloudflare counted in each hour.

Cloudflare counts an upload in the hour of its own clock, the store in the hour of receipt. A batch
received within minutes of a full hour may be counted on either side. A batch with old events may
be an upload that failed and was imported later. So an hour has missing records only if no
assignment of batches to hours is complete: a maximum flow, found by augmenting paths. It starts
with every batch in the hour of its receipt and moves only what fills a gap, so a gap is reported
in its own hour.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from completeness.hours import HOUR, hours_between


@dataclass(frozen=True, slots=True)
class HourRange:
    """Records of hour `own` that may have been counted in any hour from `first` to `last`."""

    own: datetime
    first: datetime
    last: datetime


def missing_records(
    counted: Mapping[datetime, int], held: Mapping[HourRange, int], hours: Iterable[datetime]
) -> dict[datetime, int]:
    """How many of the records counted in each of these hours are certainly not held."""
    assignment = _Assignment(dict(counted), Counter(held))
    assignment.begin()
    return {hour: assignment.fill(hour) for hour in hours}


@dataclass(slots=True)
class _Assignment:
    """`gaps` are the unmatched records of each hour, `free` those of each range."""

    gaps: dict[datetime, int]
    free: Counter[HourRange]
    used: dict[HourRange, Counter[datetime]] = field(default_factory=lambda: defaultdict(Counter))
    reaching: dict[datetime, list[HourRange]] = field(default_factory=lambda: defaultdict(list))

    def begin(self) -> None:
        """Assign records to their own hour, up to that hour's count."""
        for held in sorted(self.free, key=lambda each: (each.own, each.first, each.last)):
            for hour in hours_between(held.first, held.last + HOUR):
                if hour in self.gaps:
                    self.reaching[hour].append(held)
            if held.own in self.gaps and held.first <= held.own <= held.last:
                self._assign(held, held.own, min(self.free[held], self.gaps[held.own]))

    def fill(self, hour: datetime) -> int:
        """Move as many records as possible into an hour's gap; returns the rest of the gap."""
        while self.gaps[hour]:
            path = self._path(hour)
            if not path:
                break
            amount = min(self.gaps[hour], self.free[path[-1][1]])
            # A range gives to one hour what it takes back from the next hour on the path.
            for (_, held), (lender, _) in pairwise(path):
                amount = min(amount, self.used[held][lender])
            for (borrower, held), (lender, _) in pairwise(path):
                self.used[held][lender] -= amount
                self.gaps[lender] += amount
                self.free[held] += amount
                self._assign(held, borrower, amount)
            borrower, held = path[-1]
            self._assign(held, borrower, amount)
        return self.gaps[hour]

    def _assign(self, held: HourRange, hour: datetime, amount: int) -> None:
        self.used[held][hour] += amount
        self.gaps[hour] -= amount
        self.free[held] -= amount

    def _path(self, hour: datetime) -> list[tuple[datetime, HourRange]]:
        """The shortest path from a gap to free records: each hour and the range that fills it."""
        came_from: dict[datetime, tuple[datetime, HourRange] | None] = {hour: None}
        waiting = deque([hour])
        while waiting:
            here = waiting.popleft()
            for held in self.reaching[here]:
                if self.free[held]:
                    return [*_steps(came_from, here), (here, held)]
                for lender, amount in self.used[held].items():
                    if amount and lender not in came_from:
                        came_from[lender] = (here, held)
                        waiting.append(lender)
        return []


def _steps(
    came_from: Mapping[datetime, tuple[datetime, HourRange] | None], hour: datetime
) -> list[tuple[datetime, HourRange]]:
    found = []
    while step := came_from[hour]:
        found.append(step)
        hour = step[0]
    return found[::-1]
