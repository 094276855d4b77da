"""Looks up a user name: known to the store, or unknown with similar names."""

from dataclasses import dataclass
from datetime import datetime

from queries.engine import Engine
from queries.identity.person import Person
from store import names

NAMES_SUGGESTED = 5

# Longer names are not typing errors, and comparing them would take minutes.
NAME_CHARACTERS_COMPARED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    """The store holds records of a name of `person`. Counts are over the whole snapshot."""

    user: str
    person: Person
    user_sources: tuple[str, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    requests: int
    requests_without_time: int
    logins: int

    @classmethod
    def without_requests(cls, person: Person) -> "KnownUser":
        """A person with neither requests nor logins, whose names other datasets hold."""
        return cls(
            user=person.asked,
            person=person,
            user_sources=(),
            first_seen=None,
            last_seen=None,
            requests=0,
            requests_without_time=0,
            logins=0,
        )


@dataclass(frozen=True, slots=True)
class Misdirected:
    """So many records sent to `dataset` look like those of another dataset."""

    dataset: str
    looks_like: str
    records: int


@dataclass(frozen=True, slots=True)
class UnknownUser:
    """No request and no login has a name of this person; `nearest` are similar names.

    `misdirected` are records that came under a wrong name and are in no trail.
    """

    user: str
    nearest: tuple[str, ...]
    misdirected: tuple[Misdirected, ...] = ()


def look_up(engine: Engine, person: Person) -> KnownUser | UnknownUser:
    """Count what the snapshot holds under the names of a person."""
    user = person.asked
    if not person.users:
        return UnknownUser(user, ())
    seen = next(engine.ask("identity/user_seen", {"who": person.users}).records())
    if seen["requests"] + seen.pop("access_events"):
        sources = tuple(seen.pop("user_sources"))
        return KnownUser(user=user, person=person, user_sources=sources, **seen)
    return UnknownUser(user, _nearest(engine, user) if names.is_utf8(user) else ())


def _nearest(engine: Engine, user: str) -> tuple[str, ...]:
    if len(user) > NAME_CHARACTERS_COMPARED:
        return ()
    compared = {"characters": NAME_CHARACTERS_COMPARED}
    known = (name for (name,) in engine.ask("identity/user_names", compared).rows)
    same = names.other_spellings(known, {user})
    asked = {"user": user, "names": NAMES_SUGGESTED, **compared}
    near = (name for (name,) in engine.ask("identity/user_nearest", asked).rows)
    return tuple(dict.fromkeys([*same, *near]))[:NAMES_SUGGESTED]
