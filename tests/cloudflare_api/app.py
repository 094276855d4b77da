"""A stand-in for Cloudflare's API, as far as Raytrail uses it, over real HTTP.

Shapes, errors and oddities follow Cloudflare's documentation and users' reports. Where one is only
reported, the module that has it says so.
"""

import contextlib
import itertools
from collections.abc import Awaitable, Callable, Iterator

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from tests.cloudflare_api import (
    access,
    analytics,
    applications,
    logpull,
    logpush,
    places,
    rulesets,
)
from tests.cloudflare_api.answers import graphql_data, graphql_error, refusal
from tests.cloudflare_api.query import Settings, parse
from tests.cloudflare_api.world import World

MODULES = (access, applications, logpull, logpush, places, rulesets)
NODES = access.NODES | analytics.NODES
# What `settings` returns for each dataset.
LIMITS: dict[str, Callable[[World], dict[str, object]]] = {
    access.EVENTS: access.settings,
    **analytics.LIMITS,
}

Endpoint = Callable[[Request], Awaitable[Response]]


def create_app(world: World) -> Starlette:
    async def graphql(request: Request) -> Response:
        asked = orjson.loads(await request.body())
        node = parse(asked["query"], asked.get("variables") or {})
        path = ["viewer", node.scope, "0"]
        needs = "account analytics" if node.scope == "accounts" else "zone analytics"
        places_known = world.accounts if node.scope == "accounts" else world.zones
        if needs not in world.permissions or node.tag not in places_known:
            return graphql_error("not authorized for that account", path, world.clock(), 403)
        if isinstance(node, Settings):
            limits = {name: LIMITS[name](world) for name in node.names}
            return graphql_data({node.scope: [{"settings": limits}]})
        return NODES[node.name](world, node)

    routes = [route for module in MODULES for route in module.routes(world)]
    routes.append(Route("/graphql", graphql, methods=["POST"]))
    guarded = [_guarded(world, route) for route in routes]
    return Starlette(routes=[Mount("/client/v4", routes=guarded)])


def _guarded(world: World, route: Route) -> Route:
    endpoint: Endpoint = route.endpoint

    async def answer(request: Request) -> Response:
        path = request.url.path.removeprefix("/client/v4")
        query = f"?{request.url.query}" if request.url.query else ""
        world.requests.append((request.method, f"{path}{query}"))
        if trouble := world.trouble_for(path):
            return refusal(trouble.status, trouble.message, headers=trouble.headers)
        if request.headers.get("authorization") != f"Bearer {world.token}":
            return refusal(401, "Authentication error")
        return await endpoint(request)

    methods = sorted(route.methods or {"GET"})
    return Route(route.path, answer, methods=methods)


class StandIn:
    """One application for many worlds: each has its own base URL while it is served."""

    def __init__(self) -> None:
        self.origin = ""
        self._apps: dict[str, Starlette] = {}
        self._names = itertools.count(1)

    @contextlib.contextmanager
    def serving(self, world: World) -> Iterator[str]:
        """The base URL of this world. Afterwards the URL answers 404."""
        name = f"world-{next(self._names)}"
        self._apps[name] = create_app(world)
        yield f"{self.origin}/{name}/client/v4"
        del self._apps[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, name, path = scope["path"].split("/", 2)
        app = self._apps.get(name) or PlainTextResponse("this world has ended", 404)
        await app({**scope, "path": f"/{path}"}, receive, send)
