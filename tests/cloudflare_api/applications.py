"""Access applications, in pages as for the dashboard's list."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cloudflare_api.answers import refusal, result

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Applications:
    """The applications of the one account, in the order of the list."""

    listed: list[dict[str, Any]] = field(default_factory=list)
    # The maximum of rows, whatever `per_page` requests. Inferred: it is not documented.
    page_rows_max: int = 50
    # Inferred from the logins' list, where some accounts' `page` parameter does nothing.
    ignores_page: bool = False


def application(**changes: Any) -> dict[str, Any]:
    """A self-hosted application in the documented shape; change what the test is about."""
    return {
        "id": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
        "uid": "f174e90a-fafe-4643-bbbc-4a0ed4fc8415",
        "aud": "737646a56ab1df6ec9bddc7e5ca84eaf3b0768850f3ffb5d74f1534911fe3893",
        "name": "Jira",
        "type": "self_hosted",
        "domain": "jira.widgetcorp.example",
        "self_hosted_domains": ["jira.widgetcorp.example"],
        "destinations": [{"type": "public", "uri": "jira.widgetcorp.example"}],
        "session_duration": "24h",
        "policies": [{"id": "f174e90a", "name": "Staff", "decision": "allow", "precedence": 1}],
        "created_at": "2026-03-01T00:00:00Z",
        "updated_at": "2026-03-01T00:00:00Z",
        **changes,
    }


def routes(world: "World") -> list[Route]:
    async def listed(request: Request) -> Response:
        if "access apps" not in world.permissions:
            return refusal(403, "Authentication error")
        if request.path_params["account_id"] not in world.accounts:
            return refusal(404, "account not found")
        asked, known = request.query_params, world.applications
        size = min(int(asked.get("per_page", 25)), known.page_rows_max)
        page = 1 if known.ignores_page else int(asked.get("page", 1))
        shown = known.listed[(page - 1) * size : page * size]
        counted = {"count": len(shown), "total_count": len(known.listed)}
        return result(shown, {"page": page, "per_page": size, **counted})

    return [Route("/accounts/{account_id}/access/apps", listed)]
