"""Finds the names of one person in a store, before a question about the person is asked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain

from queries.engine import Engine
from queries.identity.inference import evidence_of
from queries.identity.person import Grade, Person, PersonName
from store import names
from store.reading.known_names import KnownName
from store.registers.identity.inferred_name import NEVER_JUDGED, Inference
from store.registers.identity.name_pair import NamePairs

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


def person_of(
    asked: str, spellings: Callable[[str], Iterable[KnownName]], known: Identities
) -> Person:
    """The asked name, its other spellings in the store, and the names that are mapped to it.

    `spellings` gives the names that are spellings of one. Their `logins` are the rows in logs of logins, which
    may have a login twice: see `with_logins`.
    """
    found = _found(asked, spellings, known)
    return Person.of(asked, found, lambda name: known.is_other(asked, name))


def with_logins(engine: Engine, person: Person) -> Person:
    """The same person with the exact number of logins of each name, each login once."""
    rows = engine.ask("identity/logins_counted", {"who": person.users}).rows
    counts: dict[str, int] = dict(rows)
    return replace(
        person,
        names=tuple(replace(each, logins=counts.get(each.name, 0)) for each in person.names),
    )


def _found(
    asked: str, spellings: Callable[[str], Iterable[KnownName]], known: Identities
) -> Iterator[PersonName]:
    for name in spellings(asked):
        evidence = names.difference(asked, name.name)
        yield PersonName(name.name, Grade.EQUAL, evidence, *_counts(name))
    for each in known.mapped(asked):
        same = (name for name in spellings(each.name) if name.name == each.name)
        counts = next((_counts(name) for name in same), (0, 0))
        yield PersonName(each.name, each.grade, each.evidence, *counts)


def _counts(name: KnownName) -> tuple[int, int]:
    return name.rows_in(REQUESTS), sum(map(name.rows_in, LOGINS))
