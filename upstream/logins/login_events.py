"""Access login events by GraphQL, including service tokens and certificates, with reasons.

The node is `accessLoginRequestsAdaptiveGroups` of an account. Its `settings` say which fields, how
far back and how much can be queried. One field that the plan lacks fails the whole query.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import orjson

from upstream.connection import Connection
from upstream.errors import ApiChanged, NotEntitled
from upstream.logins.answer import Answer
from upstream.logins.record import records
from upstream.permissions import ANALYTICS_READ
from upstream.window import Window

DATASET = "access_login_events"
NODE = "accessLoginRequestsAdaptiveGroups"
PATH = ("data", "viewer", "accounts", NODE)

# `count` and `sampleInterval` are not dimensions, but count against the plan's maximum of fields.
MEASURES = 2

# The fields of a login event, the most important first: a small plan may query only a few.
DIMENSIONS = (
    "datetime",
    "cfRayId",
    "isSuccessfulLogin",
    "approvingPolicyId",
    "ipAddress",
    "userUuid",
    "identityProvider",
    "serviceTokenId",
    "mtlsStatus",
    "mtlsCertSerialId",
    "mtlsCommonName",
    "deviceId",
    "country",
    "hasExistingJWT",
    "hasWarpEnabled",
    "hasGatewayEnabled",
    "appId",
)

# A query takes a moment, in which the oldest data becomes too old.
AGE_MARGIN = timedelta(minutes=5)

# The count of a group grows while its events arrive; after this the group is final.
SETTLED_AFTER = timedelta(minutes=10)

# Cloudflare's largest documented page.
PAGE_ROWS_MAX = 10_000
SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one query for this account."""

    dimensions: tuple[str, ...]
    page_rows: int
    not_older_than: timedelta
    span: timedelta


@dataclass(frozen=True, slots=True)
class LoginEvents:
    connection: Connection
    account_id: str
    limits: Limits
    dataset: str = DATASET

    @property
    def span(self) -> timedelta:
        return min(SPAN, self.limits.span)

    @property
    def span_max(self) -> timedelta:
        return self.limits.span

    def reach(self, now: datetime) -> tuple[datetime, datetime]:
        """The oldest and the newest time that can be queried."""
        return now - self.limits.not_older_than + AGE_MARGIN, now - SETTLED_AFTER

    def fetch(self, window: Window) -> Iterator[Answer]:
        """Answers with every event of the window, some perhaps twice."""
        answer = self._page("login_events", window.variables())
        is_full = len(answer.records) >= self.limits.page_rows
        if not is_full:
            yield answer
        elif window.can_be_halved:
            for half in window.halves():
                yield from self.fetch(half)
        else:
            yield Answer(answer.content, answer.records, is_cut=True)

    def of_ray(self, ray_id: str, window: Window) -> Answer:
        """The events of one request."""
        return self._page("login_event_of_ray", {**window.variables(), "rayId": ray_id})

    def _page(self, query_name: str, variables: dict[str, str]) -> Answer:
        # GraphQL allows no variable for fields and limit; these are our names and a number.
        query = (
            _text(query_name)
            .replace("LIMIT", str(self.limits.page_rows))
            .replace("DIMENSIONS", " ".join(self.limits.dimensions))
        )
        given = {"accountTag": self.account_id, **variables}
        content = self.connection.graphql(query, given, ANALYTICS_READ)
        return Answer(content, records(content, PATH))


def open_events(connection: Connection, account_id: str) -> LoginEvents:
    """Reads the limits first. Raises NotEntitled where the plan has no login events."""
    variables = {"accountTag": account_id}
    content = connection.graphql(_text("login_events_limits"), variables, ANALYTICS_READ)
    try:
        (account,) = orjson.loads(content)["data"]["viewer"]["accounts"]
        return LoginEvents(connection, account_id, _limits(account["settings"][NODE]))
    except (KeyError, TypeError, ValueError) as error:
        raise ApiChanged(f"settings of {NODE}: {error!r}") from None


def _limits(settings: dict[str, Any]) -> Limits:
    if not settings["enabled"]:
        raise NotEntitled("the plan of this account does not include login events")
    available = {_plain(name) for name in settings["availableFields"] or ()}
    dimensions = [name for name in DIMENSIONS if not available or name in available]
    return Limits(
        dimensions=tuple(dimensions[: settings["maxNumberOfFields"] - MEASURES]),
        page_rows=min(settings["maxPageSize"], PAGE_ROWS_MAX),
        not_older_than=timedelta(seconds=settings["notOlderThan"]),
        span=timedelta(seconds=settings["maxDuration"]),
    )


def _plain(name: str) -> str:
    """`dimensions_cfRayId` and `cfRayId` are the same field."""
    return name.rpartition("_")[2]


def _text(query_name: str) -> str:
    return (
        resources.files("upstream.logins")
        .joinpath(f"{query_name}.graphql")
        .read_text(encoding="utf-8")
    )
