"""What can be said of how complete one hour of a Logpush job is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class State(Enum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    UNTOLD = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Complete:
    """Everything that Cloudflare counted came here. `note` is what should be known beside that."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """At least so many records never came."""

    missing: int
    why: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Neither is known."""

    why: str


Verdict = Complete | Partial | CannotTell


@dataclass(frozen=True, slots=True)
class KnownHour:
    """One hour of one job, as a report needs it."""

    job: int
    hour: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of one dataset in a period."""

    hours: Sequence[KnownHour] = ()


NOTHING_KNOWN = Known()


def state_of(verdict: Verdict) -> State:
    match verdict:
        case Complete():
            return State.COMPLETE
        case Partial():
            return State.PARTIAL
        case CannotTell():
            return State.UNTOLD


def why_of(verdict: Verdict) -> str:
    return verdict.note if isinstance(verdict, Complete) else verdict.why


def verdict_of(state: State, missing: int | None, why: str) -> Verdict:
    match state:
        case State.COMPLETE:
            return Complete(why)
        case State.PARTIAL:
            return Partial(missing or 0, why)
        case State.UNTOLD:
            return CannotTell(why)
