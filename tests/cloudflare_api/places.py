"""Accounts and zones, found by id or name."""

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cloudflare_api.answers import refusal, result

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


def routes(world: "World") -> list[Route]:
    async def accounts(request: Request) -> Response:
        if "account" not in world.permissions:
            return refusal(403, "Authentication error")
        found = [{"id": key, "name": name} for key, name in world.accounts.items()]
        return _page(found, request)

    async def zones(request: Request) -> Response:
        if "zone" not in world.permissions:
            return refusal(403, "Authentication error")
        name = request.query_params.get("name")
        found = [_zone(world, key) for key in world.zones]
        return _page([zone for zone in found if name in {None, zone["name"]}], request)

    async def zone(request: Request) -> Response:
        key = request.path_params["zone_id"]
        if key not in world.zones:
            return refusal(404, "Invalid zone identifier", 7003)
        return result(_zone(world, key))

    return [
        Route("/accounts", accounts),
        Route("/zones", zones),
        Route("/zones/{zone_id}", zone),
    ]


def _page(found: list[dict[str, Any]], request: Request) -> Response:
    size = int(request.query_params.get("per_page", 20))
    page = int(request.query_params.get("page", 1))
    shown = found[(page - 1) * size : page * size]
    counted = {"count": len(shown), "total_count": len(found)}
    return result(shown, {"page": page, "per_page": size, **counted})


def _zone(world: "World", key: str) -> dict[str, Any]:
    name, account = world.zones[key]
    return {
        "id": key,
        "name": name,
        "status": "active",
        "account": {"id": account, "name": world.accounts[account]},
    }
