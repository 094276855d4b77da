"""The verdicts on one hour of a Logpush job: complete, partial, or unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import ClassVar

HOUR = timedelta(hours=1)


class State(Enum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True)
class Complete:
    """Everything that Cloudflare counted has arrived. `why` adds what a reader should know."""

    state: ClassVar = State.COMPLETE
    why: str = ""


@dataclass(frozen=True, slots=True)
class Partial:
    """At least `missing` records never arrived."""

    state: ClassVar = State.PARTIAL
    missing: int
    why: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Neither can be shown."""

    state: ClassVar = State.CANNOT_TELL
    why: str


Verdict = Complete | Partial | CannotTell


@dataclass(frozen=True, slots=True)
class KnownHour:
    """The verdict on one hour of one job."""

    job: int
    hour: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class KnownHours:
    """Every verdict on one dataset in a period."""

    hours: Sequence[KnownHour] = ()


NO_KNOWN_HOURS = KnownHours()


def verdict_of(state: State, missing: int | None, why: str) -> Verdict:
    match state:
        case State.COMPLETE:
            return Complete(why)
        case State.PARTIAL:
            return Partial(missing or 0, why)
        case State.CANNOT_TELL:
            return CannotTell(why)
