"""All people of a store, a line each, with the names that belong together.

Spellings of one name are one person. Two names that were mapped to each other are listed as one
person only if neither is mapped to any other name: a mapping is never transitive, so with a third
name each stays a line of its own that names the others.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from queries.engine import Engine
from queries.identity.person import NAMES_MAX, Grade, PersonName
from queries.identity.person_search import Identities
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
    """`names` are summed, also those beyond NAMES_MAX, which are `names_left_out`. `mapped` names have
    lines of their own.

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
        tuple(_people(held, known)),
        totals[0] - len(held),
        totals[1] - sum(each.requests for each in held),
    )


@dataclass(frozen=True, slots=True)
class _Groups:
    """Spellings of one name together, each group with the busiest first."""

    of_name: Mapping[str, list[HeldName]]
    # The names that are mapped to a name of a group, by the group's first name.
    mapped: Mapping[str, list[PersonName]]

    def partner(self, group: list[HeldName]) -> tuple[list[HeldName], PersonName] | None:
        """The one other group that is mapped to this one, if it is mapped to no other group."""
        there = self._only(group)
        if there is None:
            return None
        back = self._only(there[0])
        return there if back is not None and back[0] is group else None

    def _only(self, group: list[HeldName]) -> tuple[list[HeldName], PersonName] | None:
        found = self.mapped.get(group[0].name, [])
        if len(found) != 1 or found[0].name not in self.of_name:
            return None
        return self.of_name[found[0].name], found[0]


def _people(held: Sequence[HeldName], known: Identities) -> Iterator[ListedPerson]:
    groups = _grouped(held, known)
    told = set[str]()
    for each in held:
        group = groups.of_name[each.name]
        if group[0] is not each or each.name in told:
            continue
        partner = groups.partner(group)
        if partner is None:
            yield _person(group, (), None, tuple(groups.mapped.get(each.name, ())))
        else:
            told.add(partner[0][0].name)
            yield _person(group, *partner, ())


def _grouped(held: Sequence[HeldName], known: Identities) -> _Groups:
    alike: dict[str, list[list[HeldName]]] = {}
    of_name = {}
    for each in held:
        candidates = alike.setdefault(names.folded(each.name), [])
        group = next((one for one in candidates if _belongs(one, each, known)), None)
        if group is None:
            group = list[HeldName]()
            candidates.append(group)
        group.append(each)
        of_name[each.name] = group
    by_name = {each.name: each for each in held}
    mapped: dict[str, list[PersonName]] = {}
    for name, others in known.all_mapped().items():
        group = of_name.get(name)
        for other in others if group else ():
            if of_name.get(other.name) is not group and not known.is_other(name, other.name):
                found = by_name.get(other.name)
                counts = (found.requests, found.logins) if found else (0, 0)
                told = PersonName(other.name, other.grade, other.evidence, *counts)
                mapped.setdefault(of_name[name][0].name, []).append(told)
    return _Groups(of_name, mapped)


def _belongs(group: list[HeldName], each: HeldName, known: Identities) -> bool:
    """Whether nobody said that a name is somebody else's than the first ones of its spelling."""
    return not any(known.is_other(one.name, each.name) for one in group[:NAMES_MAX])


def _person(
    group: Sequence[HeldName],
    partner: Sequence[HeldName],
    mapping: PersonName | None,
    mapped: tuple[PersonName, ...],
) -> ListedPerson:
    main = group[0]
    own = [_spelling(main, each) for each in group]
    if mapping is not None:
        own += [_mapped(each, mapping) for each in partner]
    mail = next((each for each in (*own, *mapped) if "@" in each.name), None)
    return ListedPerson(
        name=main.name,
        mail=mail.name if mail else None,
        evidence=f"{mail.grade}: {mail.evidence}" if mail and mail.evidence else None,
        requests=sum(each.requests for each in own),
        logins=sum(each.logins for each in own),
        first_seen=_first(each.first_seen for each in (*group, *partner)),
        last_seen=_last(each.last_seen for each in (*group, *partner)),
        names=tuple(own[:NAMES_MAX]),
        names_left_out=max(len(own) - NAMES_MAX, 0),
        mapped=mapped[:NAMES_MAX],
    )


def _spelling(main: HeldName, each: HeldName) -> PersonName:
    if each is main:
        return PersonName(each.name, Grade.ASKED, "", each.requests, each.logins)
    evidence = names.difference(main.name, each.name)
    return PersonName(each.name, Grade.EQUAL, evidence, each.requests, each.logins)


def _mapped(each: HeldName, mapping: PersonName) -> PersonName:
    return PersonName(each.name, mapping.grade, mapping.evidence, each.requests, each.logins)


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _last(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time is not None), default=None)
