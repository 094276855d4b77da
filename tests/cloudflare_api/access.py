"""Access logins: the REST log with its paging oddities, and the login events of GraphQL."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cloudflare_api import limits
from tests.cloudflare_api.answers import graphql_data, refusal, result
from tests.cloudflare_api.query import Node

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World

EVENTS = "accessLoginRequestsAdaptiveGroups"

# Documented dimensions, and two that were seen.
DIMENSIONS = (
    "datetime",
    "isSuccessfulLogin",
    "hasWarpEnabled",
    "hasGatewayEnabled",
    "hasExistingJWT",
    "approvingPolicyId",
    "cfRayId",
    "ipAddress",
    "userUuid",
    "identityProvider",
    "country",
    "deviceId",
    "mtlsStatus",
    "mtlsCertSerialId",
    "mtlsCommonName",
    "serviceTokenId",
    "appId",
)


@dataclass
class Access(limits.Limits):
    """Logins of the one account, and the oddities of the API."""

    # In the shape of REST, in any order.
    requests: list[dict[str, Any]] = field(default_factory=list)
    # In the shape of GraphQL's dimensions, in any order.
    events: list[dict[str, Any]] = field(default_factory=list)
    # The undocumented maximum of rows, whatever `limit` requests.
    page_rows_max: int = 1000
    # Free plans keep one day: older logins are left out, without an error.
    kept: timedelta = timedelta(days=180)
    # Some accounts' `page` parameter does nothing.
    ignores_page: bool = False
    # The other limits of GraphQL.
    available: tuple[str, ...] = DIMENSIONS
    not_older_than: timedelta = timedelta(days=90)
    duration_max: timedelta = timedelta(days=7)


def routes(world: "World") -> list[Route]:
    async def requests(request: Request) -> Response:
        if "access audit logs" not in world.permissions:
            return refusal(403, "Authentication error")
        if request.path_params["account_id"] not in world.accounts:
            return refusal(404, "account not found")
        asked = request.query_params
        since, until = moment(asked.get("since")), moment(asked.get("until"))
        oldest = world.clock() - world.access.kept
        rows = [
            row
            for row in world.access.requests
            if (at := moment(row["created_at"])) is not None
            and at >= max(since or datetime.min, oldest)  # noqa: DTZ901
            and (until is None or at <= until)
        ]
        rows.sort(key=_created_at, reverse=asked.get("direction", "desc") == "desc")
        size = min(int(asked.get("limit", 25)), world.access.page_rows_max)
        page = 1 if world.access.ignores_page else int(asked.get("page", 1))
        shown = rows[(page - 1) * size : page * size]
        # Observed: the total is always zero.
        return result(shown, {"page": page, "per_page": size, "count": 0, "total_count": 0})

    path = "/accounts/{account_id}/access/logs/access_requests"
    return [Route(path, requests)]


def settings(world: "World") -> dict[str, Any]:
    available = [f"dimensions_{name}" for name in world.access.available]
    return limits.settings(world.access, [*available, "count"])


def events(world: "World", node: Node) -> Response:
    since, until = moment(node.filter["datetime_geq"]), moment(_upper(node.filter))
    assert since is not None
    assert until is not None
    access, asked = world.access, node.fields["dimensions"]
    unknown = next((name for name in asked if name not in access.available), "")
    if refused := limits.refused(access, node, (since, until), world.clock(), unknown):
        return refused
    inclusive = "datetime_leq" in node.filter
    rows = [row for row in access.events if _fits(row, node, since, until, inclusive=inclusive)]
    rows.sort(key=lambda row: str(row["datetime"]))
    groups = _grouped(rows, asked)[: node.limit]
    return graphql_data({"accounts": [{EVENTS: groups}]})


def _fits(
    row: dict[str, Any], node: Node, since: datetime, until: datetime, *, inclusive: bool
) -> bool:
    at = moment(row["datetime"])
    assert at is not None
    ray = node.filter.get("cfRayId")
    is_before_end = at <= until if inclusive else at < until
    return since <= at and is_before_end and ray in {None, row["cfRayId"]}


def _grouped(rows: list[dict[str, Any]], asked: list[str]) -> list[dict[str, Any]]:
    """Events with equal values of all selected dimensions are one group."""
    groups: dict[tuple[object, ...], dict[str, Any]] = {}
    for row in rows:
        key = tuple(row.get(name) for name in asked)
        dimensions = {name: row.get(name, "") for name in asked}
        group = groups.setdefault(
            key, {"count": 0, "avg": {"sampleInterval": 1}, "dimensions": dimensions}
        )
        group["count"] += 1
    return list(groups.values())


def _upper(filters: Any) -> str:
    bound = filters.get("datetime_lt") or filters["datetime_leq"]
    return str(bound)


def _created_at(row: dict[str, Any]) -> str:
    return str(row["created_at"])


def moment(text: str | None) -> datetime | None:
    """Naive UTC from RFC 3339."""
    if not text:
        return None
    whole, _, fraction = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(f"{whole}.{fraction[:6].ljust(6, '0')}")


NODES: dict[str, Callable[["World", Node], Response]] = {EVENTS: events}
