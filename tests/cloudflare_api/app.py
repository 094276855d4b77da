"""Cloudflare's API as far as Raytrail uses it, over real HTTP: start it with `running`.

Shapes, errors and oddities are those of Cloudflare's documents and of people's reports; where
one is only reported, the module that has it says so.
"""

import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

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
from tests.until import until

MODULES = (access, applications, logpull, logpush, places, rulesets)
NODES = access.NODES | analytics.NODES
# What `settings` tells of each dataset.
LIMITS: dict[str, Callable[[World], dict[str, object]]] = {
    access.EVENTS: access.settings,
    **analytics.LIMITS,
}
START_SECONDS_MAX = 20.0

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
            told = {name: LIMITS[name](world) for name in node.names}
            return graphql_data({node.scope: [{"settings": told}]})
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


@contextlib.contextmanager
def running(world: World) -> Iterator[str]:
    """The stand-in on a free loopback port; its base URL."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(world), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    until(lambda: server.started, "started")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/client/v4"
    finally:
        server.should_exit = True
        thread.join(START_SECONDS_MAX)
        listener.close()
