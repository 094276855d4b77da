"""Logpush jobs, their datasets' fields, and the check of a destination."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.cloudflare_api.answers import refusal, result

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Logpush:
    """Jobs of zones and accounts."""

    # ("zones" or "accounts", id) -> jobs as the API gives them.
    jobs: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)


def routes(world: "World") -> list[Route]:
    async def jobs(request: Request) -> Response:
        # Jobs are shown with their destination's secrets, so reading them needs Logs: Write.
        if "logs" not in world.permissions:
            return refusal(403, "Authentication error")
        scope, place = request.path_params["scope"], request.path_params["place_id"]
        return result(world.logpush.jobs.get((scope, place), []))

    return [Route("/{scope}/{place_id}/logpush/jobs", jobs)]
