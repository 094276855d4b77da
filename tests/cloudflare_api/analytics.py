"""Counts that GraphQL answers with: uploads of Logpush jobs, requests of zones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from tests.cloudflare_api.query import Node

if TYPE_CHECKING:
    from tests.cloudflare_api.world import World


@dataclass
class Analytics:
    """What was uploaded and requested, hour by hour."""


# By the name of the node under `accounts` or `zones`.
NODES: dict[str, Callable[["World", Node], Response]] = {}
