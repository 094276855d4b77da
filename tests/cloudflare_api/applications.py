"""Access applications."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Applications:
    """The applications of an account."""


def routes(_world: "World") -> list[Route]:
    return []
