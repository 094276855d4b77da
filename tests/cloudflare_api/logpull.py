"""Logpull: the received logs of a zone, asked for by time."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Logpull:
    """What the edge kept of a zone's requests."""


def routes(_world: "World") -> list[Route]:
    return []
