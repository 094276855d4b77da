"""All people of a store, a line each, with the names that belong together.

A line has what a report about its first name covers, and names what that report does not cover. No
grade is transitive, so a name that is on an earlier person's line is only named by a later one. Two
names that were mapped to each other share a line only if neither is mapped to any other name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from queries.engine import Engine
from queries.identity.person import MAPPED, NotCovered, Person, PersonName
from queries.identity.person_search import Identities, Search
from store import names

# Names in memory at once, about 100 MB. Any client can make up names on a host without Access; those
# with logins and the busiest are kept, and the others are counted.
NAMES_LISTED_MAX = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldName:
    """A name as logged, with what the store has of it; times are UTC without a zone."""

    name: str
    requests: int
    logins: int
    first_seen: datetime | None
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """`names` are summed, also those beyond NAMES_MAX, which are `names_left_out`. `mapped` names
    belong to `name` too, and are on other lines or without rows.

    `mail` is the name that is a mail address, and `evidence` says why it is this person's.
    """

    name: str
    mail: str | None
    evidence: str | None
    requests: int
    logins: int
    first_seen: datetime | None
    last_seen: datetime | None
    names: tuple[PersonName, ...]
    names_left_out: int
    mapped: tuple[PersonName, ...]
    not_covered: tuple[NotCovered, ...]


@dataclass(frozen=True, slots=True)
class PeopleList:
    """`names_left_out` have no line; they have so many requests."""

    people: tuple[ListedPerson, ...]
    names_left_out: int
    requests_left_out: int


def people_in(engine: Engine, known: Identities) -> PeopleList:
    """Everybody in the snapshot; those with logins first, then the busiest."""
    rows = list(engine.ask("identity/people_held", {"shown": NAMES_LISTED_MAX}).records())
    totals = (rows[0]["all_names"], rows[0]["all_requests"]) if rows else (0, 0)
    columns = ("requests", "logins", "first_seen", "last_seen")
    held = [HeldName(name=row["user_id"], **{each: row[each] for each in columns}) for row in rows]
    return PeopleList(
        tuple(people_of(held, known)),
        totals[0] - len(held),
        totals[1] - sum(each.requests for each in held),
    )


def people_of(held: Sequence[HeldName], known: Identities) -> Iterator[ListedPerson]:
    """A line for each name that is on no earlier line."""
    by_name = {each.name: each for each in held}
    alike: dict[str, list[HeldName]] = {}
    for each in held:
        alike.setdefault(names.folded(each.name), []).append(each)
    mapped = known.all_mapped()
    search = Search(
        lambda name: alike.get(names.folded(name), ()),
        lambda name: mapped.get(name, ()),
        known.is_other,
    )
    partners = _Partners(search)
    told = set[str]()
    for each in held:
        if each.name not in told:
            person = search.person(each.name)
            own = {each.name, *_own(person, partners), *_beyond(person, search)}
            on_line = [by_name[name] for name in own if name in by_name and name not in told]
            told.update(one.name for one in on_line)
            yield _line(person, on_line)


@dataclass(frozen=True, slots=True)
class _Partners:
    """Which two names are mapped to each other and to no third one."""

    search: Search

    def are(self, name: str, other: str) -> bool:
        return self._mapped(name) == {other} and self._mapped(other) == {name}

    def _mapped(self, name: str) -> set[str]:
        wanted = names.folded(name)
        return {
            each.name
            for each in self.search.mapped(name)
            if names.folded(each.name) != wanted and not self.search.is_other(name, each.name)
        }


def _own(person: Person, partners: _Partners) -> Iterator[str]:
    for each in person.others:
        if each.grade not in MAPPED or partners.are(person.asked, each.name):
            yield each.name


def _beyond(person: Person, search: Search) -> Iterator[str]:
    """Spellings beyond NAMES_MAX: without them each would have a line."""
    if not person.left_out.names:
        return
    for each in search.spellings(person.asked):
        if not search.is_other(person.asked, each.name):
            yield each.name


def _line(person: Person, on_line: Sequence[HeldName]) -> ListedPerson:
    here = {each.name for each in on_line}
    own = [each for each in person.names if each.name in here]
    mail = next((each for each in person.names if "@" in each.name), None)
    return ListedPerson(
        name=person.asked,
        mail=mail.name if mail else None,
        evidence=f"{mail.grade}: {mail.evidence}" if mail and mail.evidence else None,
        requests=sum(each.requests for each in on_line),
        logins=sum(each.logins for each in on_line),
        first_seen=_first(each.first_seen for each in on_line),
        last_seen=_last(each.last_seen for each in on_line),
        names=tuple(own),
        names_left_out=len(on_line) - len(own),
        mapped=tuple(each for each in person.names if each.name not in here),
        not_covered=person.not_covered,
    )


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
