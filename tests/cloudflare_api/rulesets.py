"""Rulesets of a zone, of which the one with custom log fields matters here."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Rulesets:
    """Rulesets by zone and phase."""


def routes(_world: "World") -> list[Route]:
    return []
