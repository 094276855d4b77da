"""Logpush jobs, their datasets' fields, and the check of a destination."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Logpush:
    """Jobs of zones and accounts."""


def routes(_world: "World") -> list[Route]:
    return []
