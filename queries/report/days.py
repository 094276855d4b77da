"""A person's requests by day and by hour of the day, in the zone of the report."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from queries.time_zone import TimeZone

# Every zone of today is off by a multiple of it.
QUARTER, HOUR = 15, 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOfHour:
    """Counts of a quarter or a whole hour that begins at `started_at`, for one host.

    `host` None stands for all hosts that the chart does not name.
    """

    started_at: datetime
    host: str | None
    requests: int
    pages: int = 0
    downloads: int = 0
    changes: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Counts of one day; `hours` are the requests of each of its hours that has any."""

    day: date
    requests: int
    pages: int
    downloads: int
    changes: int
    refused: int
    hours: tuple[tuple[int, int], ...]


def minutes_of(zone: TimeZone, instants: Iterable[datetime | None]) -> int:
    """How long parts of an hour must be so that each is in one hour of the zone."""
    offsets = (zone.local(each).utcoffset() for each in instants if each is not None)
    whole = timedelta(hours=1)
    return QUARTER if any(each is None or each % whole for each in offsets) else HOUR


def days_of(parts: Sequence[PartOfHour], zone: TimeZone) -> tuple[Day, ...]:
    """The days with requests, in order."""
    by_day: defaultdict[date, list[tuple[int, PartOfHour]]] = defaultdict(list)
    for each in parts:
        local = zone.local(each.started_at)
        by_day[local.date()].append((local.hour, each))
    return tuple(_day(day, by_day[day]) for day in sorted(by_day))


def _day(day: date, parts: Sequence[tuple[int, PartOfHour]]) -> Day:
    hours: defaultdict[int, int] = defaultdict(int)
    for hour, each in parts:
        hours[hour] += each.requests
    return Day(
        day=day,
        requests=sum(each.requests for _, each in parts),
        pages=sum(each.pages for _, each in parts),
        downloads=sum(each.downloads for _, each in parts),
        changes=sum(each.changes for _, each in parts),
        refused=sum(each.refused for _, each in parts),
        hours=tuple(sorted(hours.items())),
    )
