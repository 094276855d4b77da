"""Which names an answer covers, and how they are told."""

from collections.abc import Callable

import pytest

from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity import person, person_words
from queries.identity.person import Grade, Person, PersonName
from queries.identity.person_search import (
    NOTHING_KNOWN,
    Identities,
    person_of,
    with_logins,
)
from queries.report.assembly import report
from queries.report.model import Report
from queries.trail import trail
from store import names
from store.reading.known_names import KnownName, NameRows
from store.registers.identity.name_pair import NamePair, NamePairs, digest_of
from tests.factories import login, record

Engines = Callable[..., Engine]

ASKED, SHOUTED, SPACED = "ann.lee@example.com", "Ann.Lee@Example.com", "ann.lee@example.com "
LOGGED_IN = "Ann.Lee@example.com"


def known(name: str, requests: int = 0, logins: int = 0) -> KnownName:
    rows = (("http_requests", requests), ("access_requests", logins))
    return KnownName(
        name,
        tuple(NameRows(dataset=each, rows=count, first=None, last=None) for each, count in rows),
    )


HELD = (known(ASKED, 1), known(SHOUTED, 1), known(SPACED, 1), known(LOGGED_IN, 0, 2))


def spellings(name: str) -> list[KnownName]:
    return [each for each in HELD if names.folded(each.name) == names.folded(name)]


def found_by(name: str, identities: Identities = NOTHING_KNOWN) -> Person:
    return person_of(name, spellings, identities)


@pytest.fixture
def ann(engine: Engines) -> Engine:
    """One person under four spellings, and somebody else."""
    users = (ASKED, SHOUTED, SPACED, "ann.leeds@example.com")
    requests = [record(RequestHeaders={"cf-access-user": user}) for user in users]
    return engine(requests, [login(Email=LOGGED_IN)])


def test_every_spelling_of_a_name_is_found_with_its_counts(ann: Engine) -> None:
    found = with_logins(ann, found_by(ASKED))

    assert found.names == (
        PersonName(ASKED, Grade.ASKED, "", 1, 0),
        PersonName(LOGGED_IN, Grade.EQUAL, "letter case", 0, 1),
        PersonName(SHOUTED, Grade.EQUAL, "letter case", 1, 0),
        PersonName(SPACED, Grade.EQUAL, "outer space", 1, 0),
    )


def test_a_report_and_a_trail_have_the_rows_of_every_spelling(ann: Engine) -> None:
    found = report(ann, found_by(ASKED))

    assert isinstance(found, Report)
    assert (found.totals.requests, found.logins.total) == (3, 1)
    assert [row.user_id for row in trail(ann, found_by(ASKED))] == [ASKED, SHOUTED, SPACED]


def test_a_spelling_that_no_row_has_finds_the_others(ann: Engine) -> None:
    found = report(ann, found_by("ANN.LEE@EXAMPLE.COM"))

    assert isinstance(found, Report)
    assert found.totals.requests == 3


def test_of_several_grades_the_strongest_counts() -> None:
    inferred = PersonName("b", Grade.INFERRED, "two logins", 5, 0)
    linked = PersonName("b", Grade.SETTING, "linked", 5, 0)

    assert Person.of("a", [inferred, linked]).others == (linked,)


def test_a_flood_of_spellings_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person, "NAMES_MAX", 4)
    spellings = [
        PersonName(f"n{number}", Grade.EQUAL, "letter case", number) for number in range(9)
    ]
    spellings.append(PersonName("l", Grade.EQUAL, "letter case", 0, 1))

    found = Person.of("N0", spellings)

    assert [each.name for each in found.names] == ["N0", "l", "n8", "n7"]
    assert (found.left_out.names, found.left_out.requests) == (7, 21)
    [*_, last] = person_words.other_names(found)
    assert last == (
        "NOT under 7 more names, 21 requests, 0 logins in the whole store: an answer covers 4 names"
        " at most"
    )


def test_many_names_are_told_in_few_lines() -> None:
    spellings = [PersonName(f"n{number}", Grade.EQUAL, "letter case", 2) for number in range(15)]

    *_, last = lines = list(person_words.other_names(Person.of("N0", spellings)))

    assert len(lines) == person_words.NAMES_SHOWN + 1
    assert last.startswith("also under 5 more names, 10 requests, 0 logins in the whole store")


def test_a_name_is_told_between_quotes_and_escaped() -> None:
    hostile = PersonName("a\x1b[2J ", Grade.INFERRED, "3 logins", 1)
    found = Person.of("a", [hostile])

    assert list(person_words.other_names(found)) == [
        'also under "a\\u001b[2J ", inferred (3 logins): 1 request, 0 logins in the whole store'
    ]
    assert "may be wrong" in person_words.grade_note(found)
    assert not person_words.grade_note(Person.only("a"))


def test_a_name_that_no_row_can_have_is_not_asked_for() -> None:
    linked = PersonName("a", Grade.SETTING, "linked")

    assert Person.of("a\udce9", [linked]).users == ["a"]


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(QueryRefused, match="user name is empty"):
        Person.only("")


def pair(name: str, other: str, *, is_same: bool) -> NamePair:
    kept = (name, other) if is_same else (None, None)
    return NamePair(
        salt="5a",
        digest=digest_of("5a", name, other),
        is_same=is_same,
        name=kept[0],
        other=kept[1],
        said_at="2026-11-30T09:00:00Z",
    )


def test_linked_names_are_found_and_not_those_linked_to_them(ann: Engine) -> None:
    said = NamePairs((pair("alee", ASKED, is_same=True), pair("alee", "al", is_same=True)))
    identities = Identities(said, (("nobody", ASKED), ("nobody", "somebody")))

    found = found_by(ASKED, identities)

    assert [(each.name, each.grade, each.evidence) for each in found.others[-2:]] == [
        ("alee", Grade.SETTING, "linked 2026-11-30"),
        ("nobody", Grade.SETTING, "RAYTRAIL_PEOPLE"),
    ]
    assert (found.others[-1].requests, found.others[-1].logins) == (0, 0)


def test_a_linked_name_has_its_counts(ann: Engine) -> None:
    found = found_by("alee", Identities(linked=(("alee", ASKED),)))

    assert found.others == (PersonName(ASKED, Grade.SETTING, "RAYTRAIL_PEOPLE", 1, 0),)


def test_names_that_are_two_peoples_are_never_mapped(ann: Engine) -> None:
    said = NamePairs((pair(SHOUTED, ASKED, is_same=False), pair(ASKED, "alee", is_same=False)))

    found = found_by(ASKED, Identities(said, ((ASKED, "alee"),)))

    assert [each.name for each in found.others] == [LOGGED_IN, SPACED]
