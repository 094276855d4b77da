"""Who a name belongs to: somebody the store has seen, or nobody it knows."""

from dataclasses import dataclass
from datetime import datetime

from queries.engine import Engine
from queries.errors import QueryRefused

NAMES_SUGGESTED = 5

# Longer names are no slip of the finger, and comparing them would take minutes.
NAME_CHARACTERS_COMPARED = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUser:
    """Exactly this name was seen; the counts are over the whole snapshot."""

    user: str
    user_sources: tuple[str, ...]
    first_seen: datetime | None
    last_seen: datetime | None
    requests: int
    requests_without_time: int
    logins: int


@dataclass(frozen=True, slots=True)
class UnknownUser:
    """No request and no login bears this name; `nearest` are those one could have meant."""

    user: str
    nearest: tuple[str, ...]


def look_up(engine: Engine, user: str) -> KnownUser | UnknownUser:
    """Find the user of exactly this name. An empty name is refused: it would mean everybody."""
    demand_name(user)
    if not can_be_logged(user):
        return UnknownUser(user, ())
    seen = next(engine.ask("people/user_seen", {"user": user}).records())
    if seen["requests"] or seen["logins"]:
        return KnownUser(user=user, **{**seen, "user_sources": tuple(seen["user_sources"])})
    return UnknownUser(user, _nearest(engine, user))


def demand_name(user: str) -> None:
    if not user:
        raise QueryRefused("which user? An empty name is nobody's")


def can_be_logged(user: str) -> bool:
    """Bytes of a command line that are no UTF-8 arrive as lone surrogates; no log holds those."""
    return not any("\ud800" <= character <= "\udfff" for character in user)


def _nearest(engine: Engine, user: str) -> tuple[str, ...]:
    if len(user) > NAME_CHARACTERS_COMPARED:
        return ()
    asked = {"user": user, "names": NAMES_SUGGESTED, "characters": NAME_CHARACTERS_COMPARED}
    return tuple(name for (name,) in engine.ask("people/user_nearest", asked).rows)
