"""Who visited a host, or a path of it: one entry for each name, the largest first."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from queries.completeness.known_period import KnownPeriod, known_period
from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.access import access_to
from queries.identity.person import NAMES_MAX, Grade, PersonName
from queries.identity.person_search import Identities
from queries.period import ALWAYS, Period
from store import names
from store.reading.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """A host, and a path with everything below it; an empty path is the whole host.

    A path with `{key}` or another placeholder is compared with path templates.
    """

    host: str
    path: str = ""

    @property
    def is_template(self) -> bool:
        return "{" in self.path

    def __str__(self) -> str:
        return f"{self.host}{self.path}"


@dataclass(frozen=True, slots=True)
class Visitor:
    """One name as it was logged; None for requests without a name.

    `confirmed` counts requests that an Access application covered: only of these the name is sure.
    The kinds add up to `requests`; `refused` ones are among them. `same_person` are other names
    that belong to this one, with their requests here.
    """

    user_id: str | None
    requests: int
    confirmed: int
    refused: int
    pages: int
    downloads: int
    changes: int
    api_calls: int
    program_calls: int
    assets: int
    prefetches: int
    bytes_down: int
    bytes_up: int
    addresses: int
    first_seen: datetime | None
    last_seen: datetime | None
    same_person: tuple[PersonName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitors:
    """`shown` are the first of `total` entries, `requests` are those of all.

    `known` says of which hours the store has nothing; None without a beginning of the period.
    """

    place: Place
    period: Period
    known: KnownPeriod | None
    total: int
    requests: int
    shown: tuple[Visitor, ...]


def parse_place(host: str, path: str = "") -> Place:
    """A host with or without scheme and port, in any letter case; it may be a URL with the path."""
    plain = re.sub(r"^[a-z]+://", "", host.strip(), flags=re.IGNORECASE)
    name, _, rest = plain.partition("/")
    given = path.strip() or rest
    name = re.sub(r":[0-9]+$", "", name).lower()
    if not name or re.search(r"[\s?#@]", name):
        raise QueryRefused(f"invalid host {host[:60]!r}: give a host name such as jira.example.com")
    folder = re.split("[?#]", given, maxsplit=1)[0].strip("/")
    return Place(name, f"/{folder}" if folder else "")


def visitors(
    engine: Engine,
    place: Place,
    period: Period = ALWAYS,
    *,
    shown: int | None = None,
    configured_access_hosts: Iterable[str] = (),
) -> Visitors:
    """Everybody with a request there in a period. `shown` bounds how many entries are returned."""
    held = access_to(engine, place.host, period, configured_access_hosts)
    parameters = {
        "host": place.host,
        "path": place.path,
        "is_template": place.is_template,
        "since": period.since,
        "until": period.until,
        "shown": shown,
        **held.parameters(),
    }
    rows = list(engine.ask("visitors/visitors", parameters).rows)
    return Visitors(
        place=place,
        period=period,
        known=_known(engine.snapshot, period),
        total=rows[0][0] if rows else 0,
        requests=rows[0][1] if rows else 0,
        shown=tuple(Visitor(*row[2:]) for row in rows),
    )


def with_names(found: Visitors, known: Identities) -> Visitors:
    """The same list, in which each name tells its other spellings here and the names mapped to it."""
    held = {each.user_id: each for each in found.shown if each.user_id is not None}
    alike: dict[str, list[str]] = {}
    for name in held:
        alike.setdefault(names.folded(name), []).append(name)
    mapped = known.all_mapped()

    def others(name: str) -> Iterator[PersonName]:
        for other in alike[names.folded(name)][: NAMES_MAX + 1]:
            if other != name and not known.is_other(name, other):
                evidence = names.difference(name, other)
                yield PersonName(other, Grade.EQUAL, evidence, held[other].requests)
        for each in mapped.get(name, ()):
            if not known.is_other(name, each.name):
                here = held.get(each.name)
                yield replace(each, requests=here.requests if here else 0)

    told = (
        each if each.user_id is None else replace(each, same_person=tuple(others(each.user_id)))
        for each in found.shown
    )
    return replace(found, shown=tuple(told))


def _known(snapshot: Snapshot, period: Period) -> KnownPeriod | None:
    if period.since is None:
        return None
    until = min(period.until or snapshot.taken_at, snapshot.taken_at)
    return known_period(snapshot, period.since, until)
