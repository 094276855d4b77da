"""Everything that the store tells about one Ray ID, as a value."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.explanation.decision import Decision
from queries.explanation.layer import Layer
from queries.explanation.missing import Missing
from queries.explanation.records import Child, FirewallEvent, LoggedRequest, Login
from queries.identity.person import Person
from queries.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedRequest:
    """One request, why it was answered as it was, and the requests that it caused.

    `identity` grades the name on it; it and `person`, with other names, are None where it has none.
    `is_covered`: an application covers host and path, whether or not it let the request through.
    `login` is the last login of this person to the application at or before the request.
    `children` are the first of `children_total`.
    """

    request: LoggedRequest
    identity: str | None
    is_covered: bool
    person: Person | None
    decision: Decision
    layers: tuple[Layer, ...]
    login: Login | None
    children: tuple[Child, ...]
    children_total: int
    parents: tuple[LoggedRequest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRecord:
    """A record of another dataset with the same Ray ID."""

    dataset: str
    seen_at: datetime | None
    record: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A Ray ID is not unique, so there may be several requests: the first of `requests_total`.

    `firewall_events` are the first of `firewall_events_total`.
    """

    ray_id: str
    period: Period
    requests: tuple[ExplainedRequest, ...]
    requests_total: int
    logins: tuple[Login, ...]
    login_events: tuple[Mapping[str, Any], ...]
    firewall_events: tuple[FirewallEvent, ...]
    firewall_events_total: int
    others: tuple[OtherRecord, ...]
    missing: tuple[Missing, ...]

    @property
    def is_empty(self) -> bool:
        return not (
            self.requests or self.logins or self.login_events or self.firewall_events or self.others
        )
