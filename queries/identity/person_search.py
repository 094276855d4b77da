"""Finds the names of one person in a store, before a question about the person is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from queries.engine import Engine
from queries.identity.inference import evidence_of
from queries.identity.person import Grade, Person, PersonName
from store import names
from store.registers.identity.inferred_name import NEVER_JUDGED, Inference
from store.registers.identity.name_pair import NamePairs

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


def person_in(engine: Engine, asked: str, known: Identities = NOTHING_KNOWN) -> Person:
    """The asked name, its other spellings in the snapshot, and the names that are mapped to it."""
    found = _found(engine, asked, known)
    return Person.of(asked, found, lambda name: known.is_other(asked, name))


def _found(engine: Engine, asked: str, known: Identities) -> Iterator[PersonName]:
    wanted, mapped = names.folded(asked), list(known.mapped(asked))
    counts = dict.fromkeys((each.name for each in mapped), (0, 0))
    for name, requests, logins in engine.ask("identity/names_held").rows:
        if names.folded(name) == wanted:
            evidence = names.difference(asked, name)
            yield PersonName(name, Grade.EQUAL, evidence, requests, logins)
        if name in counts:
            counts[name] = requests, logins
    for each in mapped:
        yield PersonName(each.name, each.grade, each.evidence, *counts[each.name])
