"""The data of the stand-in for Cloudflare: accounts, zones, a token, and errors to return.

Each product keeps its own facts in a module of its own (access.py, logpush.py, ...), made here.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.cloudflare_api.access import Access
from tests.cloudflare_api.analytics import Analytics
from tests.cloudflare_api.applications import Applications
from tests.cloudflare_api.logpull import Logpull
from tests.cloudflare_api.logpush import Logpush
from tests.cloudflare_api.rulesets import Rulesets

ACCOUNT_ID = "699d98642c564d2e855e9661899b7252"
ACCOUNT_NAME = "Widget Corp"
ZONE_ID = "023e105f4ecef8ad9ca31a8372d0c353"
ZONE_NAME = "widgetcorp.example"
TOKEN = "an-api-token-of-the-stand-in-0123456789"

EVERY_PERMISSION = frozenset(
    {
        "account analytics",
        "zone analytics",
        "access audit logs",
        "access apps",
        "logs",
        "pii",
        "rulesets",
        "zone",
        "account",
    }
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """The answer to the next request whose path ends with `path`."""

    path: str
    status: int
    message: str = "the stand-in was told to fail"
    headers: dict[str, str] = field(default_factory=dict)


def utc_now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@dataclass
class World:
    """Everything the stand-in answers from; a test changes it between two requests."""

    token: str = TOKEN
    permissions: frozenset[str] = EVERY_PERMISSION
    clock: Callable[[], datetime] = utc_now
    accounts: dict[str, str] = field(default_factory=lambda: {ACCOUNT_ID: ACCOUNT_NAME})
    # Zone id -> (name, account id).
    zones: dict[str, tuple[str, str]] = field(
        default_factory=lambda: {ZONE_ID: (ZONE_NAME, ACCOUNT_ID)}
    )
    troubles: deque[Trouble] = field(default_factory=deque)
    access: Access = field(default_factory=Access)
    analytics: Analytics = field(default_factory=Analytics)
    applications: Applications = field(default_factory=Applications)
    logpull: Logpull = field(default_factory=Logpull)
    logpush: Logpush = field(default_factory=Logpush)
    rulesets: Rulesets = field(default_factory=Rulesets)
    # Every request as (method, path with query).
    requests: list[tuple[str, str]] = field(default_factory=list)

    def trouble_for(self, path: str) -> Trouble | None:
        for trouble in self.troubles:
            if path.endswith(trouble.path):
                self.troubles.remove(trouble)
                return trouble
        return None
