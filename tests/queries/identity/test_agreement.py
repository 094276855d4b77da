"""The list of people and the answer about one person follow one rule, and no step follows another."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given

from queries.engine import Engine
from queries.identity import person, person_words
from queries.identity.people_list import PeopleList, people_in, people_of
from queries.identity.person import Grade, Person, PersonName
from queries.identity.person_search import Identities, person_of, with_logins
from store import names
from store.reading.known_names import KnownName, NameRows
from store.registers.identity.inferred_name import Inference
from store.registers.identity.name_pair import NamePairs
from tests.factories import login, record
from tests.queries.identity.identities import ROWS, held, identities, inferred, said

Engines = Callable[..., Engine]

MAIL, NAME, SHOUTED = "s.rhea@acme.example", "srhea", "SRHEA"


KNOWN = Identities(inferred=Inference((inferred(MAIL, NAME),)))
HELD = ((MAIL, 0, 3), (NAME, 11, 0), (SHOUTED, 1, 0))


def asked_for(
    name: str,
    rows: Sequence[tuple[str, int, int]] = HELD,
    known: Identities = KNOWN,
) -> Person:
    def spellings(wanted: str) -> list[KnownName]:
        return [
            KnownName(
                each,
                tuple(
                    NameRows(dataset=dataset, rows=count, first=None, last=None)
                    for dataset, count in (("http_requests", requests), ("access_requests", logins))
                ),
            )
            for each, requests, logins in rows
            if names.folded(each) == names.folded(wanted)
        ]

    return person_of(name, spellings, known)


@pytest.fixture
def rhea(engine: Engines) -> Engine:
    """Three logins, eleven requests under the inferred name, and one of anybody in capitals."""
    users = [NAME] * 11 + [SHOUTED]
    return engine(
        [record(RequestHeaders={"cf-access-user": user}) for user in users],
        [login(Email=MAIL, RayID=f"9c{number}") for number in range(3)],
    )


def test_a_person_has_the_inferred_name_and_not_its_other_spellings() -> None:
    found = asked_for(MAIL)

    assert [each.name for each in found.names] == [MAIL, NAME]
    assert [(each.name, each.of, each.requests) for each in found.not_covered] == [
        (SHOUTED, NAME, 1)
    ]


def test_another_spelling_of_an_inferred_name_has_no_logins_of_the_person() -> None:
    found = asked_for(SHOUTED)

    assert [(each.name, each.grade) for each in found.names] == [
        (SHOUTED, Grade.ASKED),
        (NAME, Grade.EQUAL),
    ]
    assert [(each.name, each.of, each.grade) for each in found.not_covered] == [
        (MAIL, NAME, Grade.INFERRED)
    ]


def test_the_list_has_the_inferred_name_and_not_its_other_spellings(rhea: Engine) -> None:
    first, second = people_in(rhea, KNOWN).people

    assert ([each.name for each in first.names], first.requests) == ([MAIL, NAME], 11)
    assert [(each.name, each.of) for each in first.not_covered] == [(SHOUTED, NAME)]
    assert ([each.name for each in second.names], second.requests) == ([SHOUTED], 1)
    assert [(each.name, each.grade) for each in second.mapped] == [(NAME, Grade.EQUAL)]
    assert second.mail is None


def test_names_that_are_not_covered_are_told_with_their_logins(rhea: Engine) -> None:
    rhea_lines, shouted_lines = (
        list(person_words.other_names(with_logins(rhea, asked_for(name))))
        for name in (MAIL, SHOUTED)
    )

    assert rhea_lines[-1] == (
        'NOT under "SRHEA", another spelling of "srhea" (letter case): 1 request, 0 logins in the'
        " whole store"
    )
    assert shouted_lines[-1].startswith('NOT under "s.rhea@acme.example", inferred for "srhea" (3 ')
    assert shouted_lines[-1].endswith(": 0 requests, 3 logins in the whole store")


def test_a_name_in_other_letter_case_names_what_is_inferred_for_the_logged_one() -> None:
    found = asked_for("S.RHEA@ACME.EXAMPLE")

    assert found.users == ["S.RHEA@ACME.EXAMPLE", MAIL]
    assert [(each.name, each.of) for each in found.not_covered] == [(NAME, MAIL)]


def test_many_names_that_are_not_covered_are_cut_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(person, "NAMES_MAX", 12)
    letters = [NAME[:place] + NAME[place:].upper() for place in range(5)]
    rows = [(each + space, 1, 0) for each in letters for space in ("", " ", "  ")]

    found = asked_for(MAIL, ((MAIL, 0, 3), (NAME, 11, 0), *rows))

    assert (len(found.not_covered), found.not_covered_left_out) == (12, 3)
    assert list(person_words.other_names(found))[-1] == "NOT under 5 more names; --json has 2"


def test_a_name_that_is_somebody_else_is_not_told() -> None:
    pairs = NamePairs((said(MAIL, SHOUTED, is_same=False), said(MAIL, NAME, is_same=True)))

    assert asked_for(MAIL, known=Identities(pairs)).not_covered == ()
    assert asked_for(SHOUTED, known=Identities(pairs)).not_covered == ()


def _belongs(asked: str, name: str, known: Identities) -> bool:
    """The whole rule, of two names and no third one."""
    last = known.said.said_of(asked, name)
    if last is not None and not last.is_same:
        return False
    listed = {frozenset(pair) for pair in known.linked}
    followed = {frozenset((each.login_name, each.request_name)) for each in known.inferred.pairs}
    return (
        last is not None
        or names.folded(asked) == names.folded(name)
        or frozenset((asked, name)) in listed | followed
    )


def _listed(found: PeopleList, name: str) -> list[set[str]]:
    own = ({each.name for each in line.names} for line in found.people)
    return [line for line in own if name in line]


@given(ROWS, identities())
def test_the_list_and_the_person_have_the_same_names_and_no_name_by_two_steps(
    rows: dict[str, tuple[int, int]], known: Identities
) -> None:
    table = [(name, *counts) for name, counts in rows.items()]
    lines = PeopleList(tuple(people_of(held(table), known)), 0, 0)

    for name in rows:
        found = asked_for(name, table, known)
        assert all(_belongs(name, each.name, known) for each in found.others)
        assert {each for each in rows if _belongs(name, each, known)} <= set(found.users) | {name}
        assert not {each.name for each in found.not_covered} & set(found.users)
        assert len(_listed(lines, name)) == 1
    for line in lines.people:
        found = asked_for(line.name, table, known)
        assert _told((*line.names, *line.mapped)) == _told(found.names)
        assert line.not_covered == found.not_covered


def _told(found: Sequence[PersonName]) -> set[PersonName]:
    return set(found)
