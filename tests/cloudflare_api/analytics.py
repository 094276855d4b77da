"""Counts in GraphQL: uploads of Logpush jobs, and requests of zones.

Of `logpushHealthAdaptiveGroups` only the dimensions jobId, status and destinationType are
documented; `final`, the hours and the sums were seen in code that people published.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from tests.cloudflare_api import limits
from tests.cloudflare_api.access import moment
from tests.cloudflare_api.answers import graphql_data
from tests.cloudflare_api.limits import Limits
from tests.cloudflare_api.query import Node

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World

UPLOADS = "logpushHealthAdaptiveGroups"
VISITS = "httpRequestsAdaptiveGroups"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One upload of a batch; a failed `final` one is not retried."""

    place: str  # id of a zone or account
    job: int
    at: datetime
    records: int
    status: int = 200
    final: bool = True


@dataclass(frozen=True, slots=True)
class Bounds:
    """The estimate of one hour's requests, from a sample of one in `interval`."""

    estimate: int
    lower: float
    upper: float
    interval: float = 1.0


@dataclass
class Analytics:
    """Uploads and visits, by hour."""

    uploads: list[Upload] = field(default_factory=list)
    # By zone id, then by hour; hours without requests have no entry.
    visits: dict[str, dict[datetime, Bounds]] = field(default_factory=lambda: defaultdict(dict))
    limits: dict[str, Limits] = field(
        default_factory=lambda: {UPLOADS: Limits(), VISITS: Limits(duration_max=timedelta(days=30))}
    )


def uploads(world: "World", node: Node) -> Response:
    if refused := _refused(world, node):
        return refused
    groups: dict[tuple[Any, ...], dict[str, int]] = {}
    for each in world.analytics.uploads:
        if each.place != node.tag or not _is_within(node, each.at):
            continue
        known = {
            "jobId": each.job,
            "status": each.status,
            "final": int(each.final),
            "destinationType": "https",
            "datetimeHour": f"{each.at:%Y-%m-%dT%H}:00:00Z",
        }
        key = tuple((name, known[name]) for name in node.fields["dimensions"])
        summed = groups.setdefault(key, dict.fromkeys(node.fields["sum"], 0))
        for name, amount in (("uploads", 1), ("records", each.records), ("bytes", 300)):
            summed[name] += amount
    found = [{"sum": summed, "dimensions": dict(key)} for key, summed in groups.items()]
    return _answer(node, found)


def visits(world: "World", node: Node) -> Response:
    if refused := _refused(world, node):
        return refused
    assert node.scope == "zones"
    assert node.filter["requestSource"] == "eyeball"
    found = [
        {
            "count": bounds.estimate,
            "avg": {"sampleInterval": bounds.interval},
            "confidence": {
                "count": {
                    "estimate": bounds.estimate,
                    "lower": bounds.lower,
                    "upper": bounds.upper,
                    "sampleSize": round(bounds.estimate / bounds.interval),
                }
            },
            "dimensions": {"datetimeHour": f"{hour:%Y-%m-%dT%H}:00:00Z"},
        }
        for hour, bounds in world.analytics.visits[node.tag].items()
        if _is_within(node, hour)
    ]
    return _answer(node, found)


def _answer(node: Node, found: list[dict[str, Any]]) -> Response:
    found.sort(key=lambda group: str(group["dimensions"]["datetimeHour"]))
    return graphql_data({node.scope: [{node.name: found[: node.limit]}]})


def _is_within(node: Node, at: datetime) -> bool:
    since, until = moment(node.filter["datetime_geq"]), moment(node.filter["datetime_lt"])
    assert since is not None
    assert until is not None
    return since <= at < until


def _refused(world: "World", node: Node) -> Response | None:
    since, until = moment(node.filter["datetime_geq"]), moment(node.filter["datetime_lt"])
    assert since is not None
    assert until is not None
    return limits.refused(world.analytics.limits[node.name], node, (since, until), world.clock())


# By the name of the node under `accounts` or `zones`.
NODES: dict[str, Callable[["World", Node], Response]] = {UPLOADS: uploads, VISITS: visits}
# What `settings` tells, by the same names.
LIMITS: dict[str, Callable[["World"], dict[str, object]]] = {
    UPLOADS: lambda world: limits.settings(world.analytics.limits[UPLOADS]),
    VISITS: lambda world: limits.settings(world.analytics.limits[VISITS]),
}
