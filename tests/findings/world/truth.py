"""What is true of a made-up company: what each rule must find, and where it must stay silent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """What a rule must find. `also` names rules that may find something of it too.

    `user` None means nobody in particular: something about the log itself.
    """

    rule: str
    user: str | None
    since: datetime
    until: datetime
    rays: frozenset[str]
    what: str
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """Where a rule must find nothing. `user` None means everybody."""

    rule: str
    user: str | None
    since: datetime
    until: datetime
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Truth:
    """`notes` has what else is unusual about a person's day, to explain false alarms."""

    incidents: Sequence[Incident]
    near_misses: Sequence[NearMiss]
    traits: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
