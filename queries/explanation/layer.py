"""One part that a request meets on its way, and the records that tell what it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from queries.explanation.records import Child, FirewallEvent, Login


class Outcome(StrEnum):
    """`ANSWERED`: this part made the answer. `UNKNOWN`: no record says what it did."""

    ANSWERED = "answered"
    PASSED = "passed"
    NOT_ASKED = "not asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Layer:
    name: str
    outcome: Outcome
    text: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The records beside a request that tell what happened to it."""

    logins: Sequence[Login] = ()
    login_events: Sequence[Mapping[str, Any]] = ()
    firewall_events: Sequence[FirewallEvent] = ()
    children: Sequence[Child] = ()
    is_covered: bool = False
