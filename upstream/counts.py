"""Cloudflare's counts by hour: uploads of Logpush jobs, and visitors' requests.

The limits of a query are requested first, never assumed. A count that the plan, the permissions or
the retention do not allow is reported as a reason, not as an error. Temporary trouble is an error.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any, Generic, TypeVar

import orjson

from upstream.connection import Connection
from upstream.errors import ApiChanged, ApiRefused, NotEntitled, NotThere
from upstream.permissions import ANALYTICS_READ, ZONE_ANALYTICS_READ
from upstream.place import Account, Zone

UPLOADS = "logpushHealthAdaptiveGroups"
VISITS = "httpRequestsAdaptiveGroups"

HOUR = timedelta(hours=1)

# A query ages while it is sent; without this margin the oldest hour would be refused.
QUERY_MARGIN = timedelta(minutes=1)

# A reason is kept in the ledger for ever, and may quote Cloudflare.
WHY_CHARACTERS_MAX = 300

Count = TypeVar("Count")


@dataclass(frozen=True, slots=True)
class Uploads:
    """One job's uploads of one hour. `lost` ones failed for good."""

    delivered: int = 0
    delivered_records: int = 0
    lost: int = 0
    lost_records: int = 0

    @property
    def records(self) -> int:
        """The records that should be in the store."""
        return self.delivered_records + self.lost_records

    def __add__(self, other: "Uploads") -> "Uploads":
        return Uploads(
            self.delivered + other.delivered,
            self.delivered_records + other.delivered_records,
            self.lost + other.lost,
            self.lost_records + other.lost_records,
        )


NO_UPLOADS = Uploads()


@dataclass(frozen=True, slots=True)
class Visits:
    """Requests of one hour: an estimate, and its bounds at a confidence of 95 %."""

    estimate: int
    lower: int
    upper: int
    sample_interval: float


NO_VISITS = Visits(0, 0, 0, 1.0)


@dataclass(frozen=True, slots=True)
class HourlyCounts(Generic[Count]):
    """The counts of the hours from `since` until `until`; an hour without an entry has none.

    Other hours are unknown, and `why` says why.
    """

    hours: Mapping[datetime, Count] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    why: str = ""

    def knows(self, hour: datetime) -> bool:
        if self.since is None or self.until is None:
            return False
        return self.since <= hour < self.until


@dataclass(frozen=True, slots=True)
class _Limits:
    rows_max: int
    age_max: timedelta
    duration_max: timedelta


@dataclass(frozen=True, slots=True)
class Counts:
    """Queries whole hours of one zone or account; `now` is the time of the query."""

    connection: Connection
    place: Zone | Account
    now: datetime

    def uploads(self, since: datetime, until: datetime) -> HourlyCounts[dict[int, Uploads]]:
        """The uploads of every job, by its id."""

        def read(groups: list[dict[str, Any]]) -> dict[datetime, dict[int, Uploads]]:
            found: dict[datetime, dict[int, Uploads]] = {}
            for group in groups:
                by = group["dimensions"]
                jobs = found.setdefault(_hour(by["datetimeHour"]), {})
                job = int(by["jobId"])
                jobs[job] = jobs.get(job, NO_UPLOADS) + _uploads(by, group["sum"])
            return found

        return self._counted(UPLOADS, "uploads", read, since, until)

    def visits(self, since: datetime, until: datetime) -> HourlyCounts[Visits]:
        """Requests by visitors, without those of Workers and of Cloudflare itself."""

        def read(groups: list[dict[str, Any]]) -> dict[datetime, Visits]:
            return {_hour(group["dimensions"]["datetimeHour"]): _visits(group) for group in groups}

        return self._counted(VISITS, "visits", read, since, until)

    def _counted(
        self,
        node: str,
        query: str,
        read: Callable[[list[dict[str, Any]]], dict[datetime, Count]],
        since: datetime,
        until: datetime,
    ) -> HourlyCounts[Count]:
        try:
            limits = self._limits(node)
            oldest = _hour_after(self.now - limits.age_max + QUERY_MARGIN)
            start = max(since, oldest)
            found: dict[datetime, Count] = {}
            for first, last in _windows(start, until, limits.duration_max):
                for groups in self._pages(node, query, first, last, limits.rows_max):
                    found.update(read(groups))
        except (ApiRefused, NotEntitled, NotThere, ApiChanged) as error:
            return HourlyCounts(why=str(error)[:WHY_CHARACTERS_MAX])
        except (KeyError, TypeError, ValueError) as error:
            return HourlyCounts(why=f"an answer about {node} is not as documented: {error!r}")
        why = f"Cloudflare keeps {node} for {limits.age_max.days} days"
        return HourlyCounts(found, start, until, why)

    def _limits(self, node: str) -> _Limits:
        settings = self._viewer("limits", node, {})["settings"][node]
        if not settings["enabled"]:
            raise NotEntitled(f"the plan of {self.place.name} does not have {node}")
        return _Limits(
            rows_max=int(settings["maxPageSize"]),
            age_max=timedelta(seconds=settings["notOlderThan"]),
            duration_max=max(timedelta(seconds=settings["maxDuration"]), HOUR),
        )

    def _pages(
        self, node: str, query: str, since: datetime, until: datetime, rows_max: int
    ) -> Iterator[list[dict[str, Any]]]:
        """The groups of a window; one that fills a page may have more, so it is queried in halves."""
        window = {"since": _text(since), "until": _text(until), "limit": rows_max}
        groups = self._viewer(query, node, window)[node]
        if len(groups) < rows_max:
            yield groups
            return
        hours = (until - since) // HOUR
        if hours <= 1:
            raise ApiChanged(f"{node} has {rows_max:,} groups or more in one hour")
        middle = since + hours // 2 * HOUR
        yield from self._pages(node, query, since, middle, rows_max)
        yield from self._pages(node, query, middle, until, rows_max)

    def _viewer(self, query: str, node: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        is_zone = isinstance(self.place, Zone)
        text = _query(query, node, "zones" if is_zone else "accounts")
        needs = ZONE_ANALYTICS_READ if is_zone else ANALYTICS_READ
        answer = self.connection.graphql(text, {"tag": self.place.id, **variables}, needs)
        viewer = orjson.loads(answer)["data"]["viewer"]
        found: dict[str, Any] = viewer["zones" if is_zone else "accounts"][0]
        return found


def _windows(
    since: datetime, until: datetime, duration_max: timedelta
) -> Iterator[tuple[datetime, datetime]]:
    step = duration_max // HOUR * HOUR
    while since < until:
        yield since, min(since + step, until)
        since += step


def _uploads(dimensions: Mapping[str, Any], summed: Mapping[str, Any]) -> Uploads:
    uploads, records = int(summed["uploads"]), int(summed["records"])
    if 200 <= int(dimensions["status"]) < 300:  # noqa: PLR2004 - any success of HTTP
        return Uploads(delivered=uploads, delivered_records=records)
    # A failed upload that Logpush retries is counted again when it succeeds.
    return Uploads(lost=uploads, lost_records=records) if int(dimensions["final"]) else NO_UPLOADS


def _visits(group: Mapping[str, Any]) -> Visits:
    bounds = group["confidence"]["count"]
    return Visits(
        estimate=round(bounds["estimate"]),
        # Whole requests within the bounds: the lower is rounded up, the upper down.
        lower=-int(-bounds["lower"] // 1),
        upper=int(bounds["upper"] // 1),
        sample_interval=float(group["avg"]["sampleInterval"]),
    )


@cache
def _query(name: str, node: str, scope: str) -> str:
    """upstream/<name>.graphql for a zone or an account; only names from our code are inserted."""
    text = resources.files("upstream").joinpath(f"{name}.graphql").read_text(encoding="utf-8")
    tag = "zoneTag" if scope == "zones" else "accountTag"
    return text.replace("SCOPE", scope).replace("TAG", tag).replace("NODE", node)


def _hour(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def _hour_after(moment: datetime) -> datetime:
    whole = moment.replace(minute=0, second=0, microsecond=0)
    return whole if whole == moment else whole + HOUR


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
