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

from tests.cloudflare_api.access import moment
from tests.cloudflare_api.answers import graphql_data, graphql_error
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
class Limits:
    """The `settings` of one dataset."""

    enabled: bool = True
    page_size_max: int = 10_000
    fields_max: int = 30
    not_older_than: timedelta = timedelta(days=31)
    duration_max: timedelta = timedelta(days=3)


@dataclass
class Analytics:
    """Uploads and visits, by hour."""

    uploads: list[Upload] = field(default_factory=list)
    # By zone id, then by hour; hours without requests have no entry.
    visits: dict[str, dict[datetime, Bounds]] = field(default_factory=lambda: defaultdict(dict))
    limits: dict[str, Limits] = field(
        default_factory=lambda: {UPLOADS: Limits(), VISITS: Limits(duration_max=timedelta(days=30))}
    )


def settings(world: "World", name: str) -> dict[str, Any]:
    limits = world.analytics.limits[name]
    return {
        "enabled": limits.enabled,
        "availableFields": [],
        "maxPageSize": limits.page_size_max,
        "maxNumberOfFields": limits.fields_max,
        "notOlderThan": int(limits.not_older_than.total_seconds()),
        "maxDuration": int(limits.duration_max.total_seconds()),
    }


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
    limits = world.analytics.limits[node.name]
    since, until = moment(node.filter["datetime_geq"]), moment(node.filter["datetime_lt"])
    assert since is not None
    assert until is not None
    oldest = int(limits.not_older_than.total_seconds())
    too_many = f"limit must be positive number and not greater than {limits.page_size_max}"
    complaints = (
        (not limits.enabled, "does not have access to the path", 200),
        (
            world.clock() - since > limits.not_older_than,
            f"cannot request data older than {oldest}s",
            400,
        ),
        (until - since > limits.duration_max, "query time range is too large", 400),
        (node.limit > limits.page_size_max, too_many, 400),
    )
    for is_so, text, status in complaints:
        if is_so:
            path = ["viewer", node.scope, "0", node.name]
            return graphql_error(text, path, world.clock(), status)
    return None


# By the name of the node under `accounts` or `zones`.
NODES: dict[str, Callable[["World", Node], Response]] = {UPLOADS: uploads, VISITS: visits}
# What `settings` tells, by the same names.
LIMITS: dict[str, Callable[["World"], dict[str, object]]] = {
    UPLOADS: lambda world: settings(world, UPLOADS),
    VISITS: lambda world: settings(world, VISITS),
}
