"""Finds the names of one person in a store, before a question about the person is asked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from queries.identity.person import Grade, NotCovered, Person, PersonName
from queries.identity.person_words import quoted
from store import names
from store.reading.known_names import KnownName
from store.registers.identity.inferred_name import NEVER_JUDGED, Inference, InferredName
from store.registers.identity.name_pair import NamePairs

if TYPE_CHECKING:
    # The engine of an analyst is made with what is known here.
    from queries.engine import Engine

REQUESTS = "http_requests"
LOGINS = ("access_requests", "access_requests_rest", "access_login_events")

NOTHING_SAID = NamePairs(())

# The evidence of a pair in the operator's file.
SETTING = "RAYTRAIL_PEOPLE"


@dataclass(frozen=True, slots=True)
class Identities:
    """What is known of names: what operators said in the store, and the pairs of RAYTRAIL_PEOPLE.

    What was said of two people's names forbids a pair from every other source. `inferred` are pairs
    that follow from logins.
    """

    said: NamePairs = NOTHING_SAID
    linked: tuple[tuple[str, str], ...] = ()
    inferred: Inference = NEVER_JUDGED

    def mapped(self, asked: str) -> Iterator[PersonName]:
        """The names that were mapped to this one itself, without counts."""
        for name, pair in self.said.linked_to(asked):
            yield PersonName(name, Grade.SETTING, f"linked {pair.said_at[:10]}")
        for one, other in self.linked:
            if asked in (one, other):
                name = other if asked == one else one
                yield PersonName(name, Grade.SETTING, SETTING)
        for name, found in self.inferred.of(asked):
            if not self.is_other(found.login_name, found.request_name):
                yield PersonName(name, Grade.INFERRED, evidence_of(found))

    def all_mapped(self) -> dict[str, list[PersonName]]:
        """As `mapped`, for every name that is mapped to another one."""
        found: dict[str, list[PersonName]] = {}
        said = (
            (one, other, Grade.SETTING, f"linked {pair.said_at[:10]}")
            for one, other, pair in self.said.links()
        )
        listed = ((one, other, Grade.SETTING, SETTING) for one, other in self.linked)
        inferred = (
            (pair.login_name, pair.request_name, Grade.INFERRED, evidence_of(pair))
            for pair in self.inferred.pairs
        )
        for one, other, grade, evidence in chain(said, listed, inferred):
            for name, mapped in ((one, other), (other, one)):
                told = PersonName(mapped, grade, evidence)
                if all(each.name != mapped for each in found.setdefault(name, [])):
                    found[name].append(told)
        return found

    def is_other(self, asked: str, name: str) -> bool:
        """Whether a name is known to be somebody else's."""
        return self.said.are_distinct([asked], name)


NOTHING_KNOWN = Identities()


class CountedName(Protocol):
    """A name as logged, with its rows."""

    @property
    def name(self) -> str: ...
    @property
    def requests(self) -> int: ...
    @property
    def logins(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Search:
    """Finds the names of anybody by one rule: a name belongs to the asked one itself, or not at all.

    `spellings` gives the names with rows that are spellings of one, and `mapped` those that are
    mapped to one.
    """

    spellings: Callable[[str], Iterable[CountedName]]
    mapped: Callable[[str], Iterable[PersonName]]
    is_other: Callable[[str, str], bool]

    def person(self, asked: str) -> Person:
        """The asked name and those that belong to it; names that belong to these are only told."""
        found = list(self.found(asked))
        person = Person.of(asked, found, lambda name: self.is_other(asked, name))
        covered = {asked, *(each.name for each in found)}
        second = (each for first in person.others for each in self._second(first))
        return person.without(
            each
            for each in second
            if each.name not in covered and not self.is_other(asked, each.name)
        )

    def found(self, asked: str) -> Iterator[PersonName]:
        """What may belong to a name: without what operators said of two people's names."""
        for name in self.spellings(asked):
            evidence = names.difference(asked, name.name)
            yield PersonName(name.name, Grade.EQUAL, evidence, name.requests, name.logins)
        yield from self._mapped(asked)

    def _second(self, first: PersonName) -> Iterator[NotCovered]:
        # Spellings of a spelling are those of the asked name.
        again = self._mapped if first.grade is Grade.EQUAL else self.found
        for each in again(first.name):
            if each.name != first.name and not self.is_other(first.name, each.name):
                yield NotCovered(
                    each.name, first.name, each.grade, each.evidence, each.requests, each.logins
                )

    def _mapped(self, name: str) -> Iterator[PersonName]:
        for each in self.mapped(name):
            requests, logins = self._counts(each.name)
            yield replace(each, requests=requests, logins=logins)

    def _counts(self, name: str) -> tuple[int, int]:
        same = (each for each in self.spellings(name) if each.name == name)
        return next(((each.requests, each.logins) for each in same), (0, 0))


def person_of(
    asked: str, spellings: Callable[[str], Iterable[KnownName]], known: Identities
) -> Person:
    """The asked name, its other spellings in the store, and the names that are mapped to it.

    Their `logins` are the rows in logs of logins, which may have a login twice: see `with_logins`.
    """

    @cache
    def counted(name: str) -> list[PersonName]:
        return [_counted(each) for each in spellings(name)]

    return Search(counted, known.mapped, known.is_other).person(asked)


def with_logins(engine: "Engine", person: Person) -> Person:
    """The same person with the exact number of logins of each name, each login once."""
    told = [each.name for each in person.not_covered if names.is_utf8(each.name)]
    rows = engine.ask("identity/logins_counted", {"who": [*person.users, *told]}).rows
    counts: dict[str, int] = dict(rows)
    return replace(
        person,
        names=tuple(replace(each, logins=counts.get(each.name, 0)) for each in person.names),
        not_covered=tuple(
            replace(each, logins=counts.get(each.name, 0)) for each in person.not_covered
        ),
    )


def evidence_of(pair: InferredName) -> str:
    """Why the two names are one person's, in words."""
    return (
        f"{pair.agreeing:,} times from {pair.first_login:%Y-%m-%d} to {pair.last_login:%Y-%m-%d},"
        f" within minutes of a login as {quoted(pair.login_name)}, requests named"
        f" {quoted(pair.request_name)} to its application began from the same address; {pair.against:,} logins speak against it, and no other name fits"
    )


def _counted(name: KnownName) -> PersonName:
    logins = sum(map(name.rows_in, LOGINS))
    return PersonName(name.name, Grade.EQUAL, "", name.rows_in(REQUESTS), logins)
