"""What may be known of a few names: what operators said, linked pairs, and inferred ones."""

from collections.abc import Sequence
from datetime import datetime

from hypothesis import strategies as st

from queries.identity.people_list import HeldName
from queries.identity.person_search import Identities
from store import names
from store.registers.identity.inferred_name import Inference, InferredName
from store.registers.identity.name_pair import NamePair, NamePairs, digest_of


def inferred(login_name: str, request_name: str) -> InferredName:
    return InferredName(
        login_name=login_name,
        request_name=request_name,
        agreeing=3,
        against=0,
        addresses=1,
        first_login=datetime(2026, 11, 21),  # noqa: DTZ001 (UTC without a zone)
        last_login=datetime(2026, 11, 23),  # noqa: DTZ001
    )


def said(name: str, other: str, *, is_same: bool) -> NamePair:
    return NamePair(
        salt="5a",
        digest=digest_of("5a", name, other),
        is_same=is_same,
        name=name if is_same else None,
        other=other if is_same else None,
        said_at="2026-11-30T09:00:00Z",
    )


def held(rows: Sequence[tuple[str, int, int]]) -> list[HeldName]:
    """In the order of the question: those with logins first, then the busiest."""
    in_order = sorted(rows, key=lambda row: (row[2] == 0, -row[1], -row[2], row[0]))
    return [
        HeldName(name=name, requests=requests, logins=logins, first_seen=None, last_seen=None)
        for name, requests, logins in in_order
    ]


NAMES = st.sampled_from(["ann", "ANN", "Ann", "ann@x", "ANN@x", "bob", "Bob"])
PAIRS = st.lists(st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1]), max_size=3)
ROWS = st.dictionaries(NAMES, st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1)


@st.composite
def identities(draw: st.DrawFn) -> Identities:
    acts = [said(*pair, is_same=draw(st.booleans())) for pair in draw(PAIRS)]
    pairs = (inferred(*pair) for pair in draw(PAIRS))
    return Identities(
        NamePairs(tuple(acts)),
        tuple(draw(PAIRS)),
        Inference(tuple(each for each in pairs if _is_of_two_names(each))),
    )


def _is_of_two_names(pair: InferredName) -> bool:
    return names.folded(pair.login_name) != names.folded(pair.request_name)
