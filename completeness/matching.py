"""Assigns what is held to what was counted, hour by hour, so that clocks cry no wolf.

Cloudflare counts an upload in the hour of its own clock, and we by ours. A batch that came within
minutes of a full hour may be counted on either side; one whose events are old may be an upload
that failed and was brought in later. So an hour's records are short only if no assignment
whatever makes them whole: a largest flow, found by augmenting paths. It starts from every batch in
the hour it came in, and moves only what fills a gap, so that what is missing stays where it is.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Held:
    """Records that belong to hour `own`, but may have been counted in any of `first` to `last`."""

    own: datetime
    first: datetime
    last: datetime


def missing(
    counted: Mapping[datetime, int], held: Mapping[Held, int], hours: Iterable[datetime]
) -> dict[datetime, int]:
    """How many of the records counted in each of these hours are certainly not held."""
    assignment = _Assignment(dict(counted), Counter(held))
    assignment.begin()
    return {hour: assignment.fill(hour) for hour in hours}


@dataclass(slots=True)
class _Assignment:
    """`gaps` are what is not assigned of each hour, `free` what is not of each group."""

    gaps: dict[datetime, int]
    free: Counter[Held]
    used: dict[Held, Counter[datetime]] = field(default_factory=lambda: defaultdict(Counter))
    reaching: dict[datetime, list[Held]] = field(default_factory=lambda: defaultdict(list))

    def begin(self) -> None:
        """Everything where it came, as far as that hour wants it."""
        for group in sorted(self.free, key=lambda each: (each.own, each.first, each.last)):
            for hour in _hours(group):
                if hour in self.gaps:
                    self.reaching[hour].append(group)
            if group.own in self.gaps and group.first <= group.own <= group.last:
                self._assign(group, group.own, min(self.free[group], self.gaps[group.own]))

    def fill(self, hour: datetime) -> int:
        """Move what can be moved into an hour's gap; what is left of it."""
        while self.gaps[hour]:
            path = self._path(hour)
            if not path:
                break
            amount = min(self.gaps[hour], self.free[path[-1][1]])
            # What a group gives to one hour it takes from the next on the path.
            for (_, group), (lender, _) in pairwise(path):
                amount = min(amount, self.used[group][lender])
            for (borrower, group), (lender, _) in pairwise(path):
                self.used[group][lender] -= amount
                self.gaps[lender] += amount
                self.free[group] += amount
                self._assign(group, borrower, amount)
            borrower, group = path[-1]
            self._assign(group, borrower, amount)
        return self.gaps[hour]

    def _assign(self, group: Held, hour: datetime, amount: int) -> None:
        self.used[group][hour] += amount
        self.gaps[hour] -= amount
        self.free[group] -= amount

    def _path(self, hour: datetime) -> list[tuple[datetime, Held]]:
        """The shortest way from a gap to something free: each hour, and the group that fills it."""
        came_from: dict[datetime, tuple[datetime, Held] | None] = {hour: None}
        waiting = deque([hour])
        while waiting:
            here = waiting.popleft()
            for group in self.reaching[here]:
                if self.free[group]:
                    return [*_steps(came_from, here), (here, group)]
                for lender, amount in self.used[group].items():
                    if amount and lender not in came_from:
                        came_from[lender] = (here, group)
                        waiting.append(lender)
        return []


def _steps(
    came_from: Mapping[datetime, tuple[datetime, Held] | None], hour: datetime
) -> list[tuple[datetime, Held]]:
    found = []
    while step := came_from[hour]:
        found.append(step)
        hour = step[0]
    return found[::-1]


def _hours(group: Held) -> Iterator[datetime]:
    hour = group.first
    while hour <= group.last:
        yield hour
        hour += HOUR
