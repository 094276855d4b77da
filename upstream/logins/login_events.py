"""Access login events by GraphQL: those of service tokens and certificates too, with the reasons.

`accessLoginRequestsAdaptiveGroups` of an account. What may be asked for, how far back and how
much at once, its `settings` say; one field that the plan does not have fails a whole question.
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
from upstream.logins.window import Window
from upstream.permissions import ANALYTICS_READ

DATASET = "access_login_events"
NODE = "accessLoginRequestsAdaptiveGroups"
PATH = ("data", "viewer", "accounts", NODE)

# `count` and `sampleInterval` are no dimensions, but count against the plan's number of fields.
MEASURES = 2

# What a login event is, the most telling first: a small plan may ask for a few fields only.
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

# Asking takes a moment, in which the oldest data that may be asked for grows older.
AGE_MARGIN = timedelta(minutes=5)

# A group's count still grows while its events come in; later there is one group, and it stays.
SETTLED_AFTER = timedelta(minutes=10)

# More rows would not be read as one answer; Cloudflare's own largest page.
PAGE_ROWS_MAX = 10_000
SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What this account may ask for at once."""

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
        """The oldest and the newest moment that may be asked for."""
        return now - self.limits.not_older_than + AGE_MARGIN, now - SETTLED_AFTER

    def ask(self, window: Window) -> Iterator[Answer]:
        """Answers that hold every event of the window, some perhaps twice."""
        answer = self._page("login_events", window.variables())
        is_full = len(answer.records) >= self.limits.page_rows
        if not is_full:
            yield answer
        elif window.can_be_halved:
            for half in window.halves():
                yield from self.ask(half)
        else:
            yield Answer(answer.content, answer.records, is_cut=True)

    def of_ray(self, ray_id: str, window: Window) -> Answer:
        """The events of one request."""
        return self._page("login_event_of_ray", {**window.variables(), "rayId": ray_id})

    def _page(self, question: str, variables: dict[str, str]) -> Answer:
        # Neither a list of fields nor a limit can be a variable; both are ours or a number.
        query = (
            _text(question)
            .replace("LIMIT", str(self.limits.page_rows))
            .replace("DIMENSIONS", " ".join(self.limits.dimensions))
        )
        given = {"accountTag": self.account_id, **variables}
        content = self.connection.graphql(query, given, ANALYTICS_READ)
        return Answer(content, records(content, PATH))


def open_events(connection: Connection, account_id: str) -> LoginEvents:
    """Ask what may be asked. Raises NotEntitled where the plan has no login events."""
    asked = {"accountTag": account_id}
    content = connection.graphql(_text("login_events_limits"), asked, ANALYTICS_READ)
    try:
        (account,) = orjson.loads(content)["data"]["viewer"]["accounts"]
        return LoginEvents(connection, account_id, _limits(account["settings"][NODE]))
    except (KeyError, TypeError, ValueError) as error:
        raise ApiChanged(f"settings of {NODE}: {error!r}") from None


def _limits(told: dict[str, Any]) -> Limits:
    if not told["enabled"]:
        raise NotEntitled("login events are not part of this account's plan")
    available = {_plain(name) for name in told["availableFields"] or ()}
    dimensions = [name for name in DIMENSIONS if not available or name in available]
    return Limits(
        dimensions=tuple(dimensions[: told["maxNumberOfFields"] - MEASURES]),
        page_rows=min(told["maxPageSize"], PAGE_ROWS_MAX),
        not_older_than=timedelta(seconds=told["notOlderThan"]),
        span=timedelta(seconds=told["maxDuration"]),
    )


def _plain(name: str) -> str:
    """`dimensions_cfRayId` and `cfRayId` are the same field."""
    return name.rpartition("_")[2]


def _text(question: str) -> str:
    return (
        resources.files("upstream.logins")
        .joinpath(f"{question}.graphql")
        .read_text(encoding="utf-8")
    )
