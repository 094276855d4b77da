"""What the views of analysts know of names: which are spellings of one, and which are mapped."""

import hashlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from queries.identity.person_search import Identities
from store import names
from store.files.layout import Layout
from store.reading import known_inference, known_names, known_pairs
from store.reading.shell.content import FactSource, Rows
from store.reading.snapshot import Snapshot
from store.registers.identity.name_pair import NamePairs

# Anybody can make up names on a host without Access, and the rows are written at every change of
# the store: so many take a tenth of a second. A large company has some 20,000 names.
NAMES_MAX = 50_000

Pairs: TypeAlias = tuple[tuple[str, str], ...]

# Nobody can make up two names with so many equal digits; queries/sql has the number too.
DIGITS = 32


def _known_names(layout: Layout, _: Snapshot) -> Rows:
    return folded_names(tuple(known_names.names_at_hand(layout, NAMES_MAX)))


@lru_cache(maxsize=1)
def folded_names(known: tuple[str, ...]) -> Rows:
    return [(_digest(names.folded(each)), each) for each in known]


def _digest(folded: str) -> str:
    """As a text, what spellings have in common would show the name of somebody who was erased."""
    return hashlib.sha256(folded.encode()).hexdigest()[:DIGITS]


# Every name with rows, as far as it is at hand, beside a digest of what its spellings
# have in common.
KNOWN_NAMES = FactSource("known_names", (("folded", "VARCHAR"), ("name", "VARCHAR")), _known_names)


def mapped_names(linked: Callable[[], Pairs] = tuple) -> FactSource:
    """Both names of each pair that is mapped; `linked` are the pairs of RAYTRAIL_PEOPLE."""

    def rows(layout: Layout, _: Snapshot) -> Rows:
        said, inferred = known_pairs.name_pairs(layout), known_inference.inference(layout)
        return mappings(Identities(said, linked(), inferred))

    columns = ("asked", "name", "grade", "evidence")
    return FactSource("mapped_names", tuple((each, "VARCHAR") for each in columns), rows)


@lru_cache(maxsize=1)
def mappings(known: Identities) -> Rows:
    return list(_told(known))


def _told(known: Identities) -> Iterator[tuple[str, str, str, str]]:
    """Without spellings of one name, which need no mapping."""
    for asked, found in known.all_mapped().items():
        for each in found:
            is_spelling = names.folded(asked) == names.folded(each.name)
            if not is_spelling and not known.is_other(asked, each.name):
                yield asked, each.name, each.grade.value, each.evidence


def _name_acts(layout: Layout, _: Snapshot) -> Rows:
    return said_acts(known_pairs.name_pairs(layout))


def said_acts(said: NamePairs) -> Rows:
    if all(pair.is_same for pair in said.pairs):
        return ()
    newest_last = enumerate(reversed(said.pairs))
    return [(number, pair.salt, pair.digest, pair.is_same) for number, pair in newest_last]


# What operators said of pairs of names, the oldest first; empty if they said of none that the names
# are two people's. A digest tells the pair.
NAME_ACTS = FactSource(
    "name_acts",
    (("number", "BIGINT"), ("salt", "VARCHAR"), ("digest", "VARCHAR"), ("is_same", "BOOLEAN")),
    _name_acts,
)
