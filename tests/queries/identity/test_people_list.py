"""Everybody of a store, a line a person: which names stand together, and which do not."""

from collections.abc import Callable, Sequence

import pytest

from queries.engine import Engine
from queries.identity import people_list
from queries.identity import person as person_names
from queries.identity.people_list import PeopleList, people_in
from queries.identity.person_search import NOTHING_KNOWN, Identities
from store.registers.identity.name_pair import NamePair, NamePairs, digest_of
from tests.factories import login, record

Engines = Callable[..., Engine]
MAIL = "s.rhea@x.example"


def by(user: str, **changes: object) -> dict[str, object]:
    return record(RequestHeaders={"cf-access-user": user}, **changes)


def apart(name: str, other: str) -> Identities:
    pair = NamePair(
        salt="5a",
        digest=digest_of("5a", name, other),
        is_same=False,
        name=None,
        other=None,
        said_at="2026-11-30T09:00:00Z",
    )
    return Identities(NamePairs((pair,)))


def told(found: PeopleList) -> list[Sequence[str]]:
    return [[each.name for each in person.names] for person in found.people]


def test_spellings_of_one_name_are_one_person(engine: Engines) -> None:
    asked = engine([by("srhea"), by("srhea"), by("SRhea "), by("bob")], [login(Email="SRHEA")])

    found = people_in(asked, NOTHING_KNOWN)

    assert told(found) == [["SRHEA", "srhea", "SRhea "], ["bob"]]
    first = found.people[0]
    assert (first.requests, first.logins, first.mail) == (3, 1, None)
    assert [each.evidence for each in first.names] == [
        "",
        "letter case",
        "outer space and letter case",
    ]


def test_two_names_that_are_mapped_to_each_other_only_are_one_person(engine: Engines) -> None:
    asked = engine(
        [by("srhea", EdgeStartTimestamp="2026-11-20T09:00:00Z"), by("bob")],
        [login(Email=MAIL, CreatedAt="2026-11-19T09:00:00Z")],
    )

    found = people_in(asked, Identities(linked=(("srhea", MAIL),)))

    assert told(found) == [[MAIL, "srhea"], ["bob"]]
    first = found.people[0]
    assert (first.name, first.mail, first.mapped) == (MAIL, MAIL, ())
    assert (first.requests, first.logins) == (1, 1)
    assert str(first.first_seen) == "2026-11-19 09:00:00"
    assert str(first.last_seen) == "2026-11-20 09:00:00"


def test_the_evidence_of_a_mail_address_is_told(engine: Engines) -> None:
    asked = engine([by("srhea"), by("srhea"), by(MAIL)])

    [person] = people_in(asked, Identities(linked=(("srhea", MAIL),))).people

    assert (person.name, person.mail, person.evidence) == (
        "srhea",
        MAIL,
        "setting: RAYTRAIL_PEOPLE",
    )


def test_a_mapping_is_never_transitive(engine: Engines) -> None:
    asked = engine([by("srhea")] * 3 + [by(MAIL)] * 2 + [by("rhea")])
    known = Identities(linked=(("srhea", MAIL), (MAIL, "rhea"), (MAIL, "rhea")))

    found = people_in(asked, known)

    assert told(found) == [["srhea"], [MAIL], ["rhea"]]
    assert [[each.name for each in person.mapped] for person in found.people] == [
        [MAIL],
        ["srhea", "rhea"],
        [MAIL],
    ]
    assert found.people[0].mail == MAIL
    assert found.people[0].mapped[0].requests == 2


def test_a_name_without_rows_is_named_as_mapped(engine: Engines) -> None:
    [person] = people_in(engine([by("srhea")]), Identities(linked=(("srhea", MAIL),))).people

    assert [(each.name, each.requests) for each in person.mapped] == [(MAIL, 0)]


def test_names_that_are_two_peoples_stay_apart(engine: Engines) -> None:
    asked = engine([by("srhea")] * 2 + [by("SRHEA")])

    assert told(people_in(asked, apart("srhea", "SRHEA"))) == [["srhea"], ["SRHEA"]]


def test_a_link_of_two_spellings_changes_nothing(engine: Engines) -> None:
    asked = engine([by("srhea")] * 2 + [by("SRHEA")])

    [person] = people_in(asked, Identities(linked=(("srhea", "SRHEA"),))).people

    assert person.mapped == ()


def test_a_flood_of_names_is_counted_and_not_listed(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_list, "NAMES_LISTED_MAX", 2)
    asked = engine([by("ann"), by("bob"), by("bob"), by("cleo"), by("cleo")], [login(Email="ann")])

    found = people_in(asked, NOTHING_KNOWN)

    assert told(found) == [["ann"], ["bob"]]
    assert (found.names_left_out, found.requests_left_out) == (1, 2)


def test_a_flood_of_spellings_is_summed_and_cut(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_names, "NAMES_MAX", 2)
    asked = engine([by("ann"), by("ann"), by("Ann"), by("ANN"), by("aNN")])

    [person] = people_in(asked, NOTHING_KNOWN).people

    assert (person.requests, len(person.names), person.names_left_out) == (5, 2, 2)


def test_an_empty_store_has_no_people(engine: Engines) -> None:
    assert people_in(engine(), NOTHING_KNOWN) == PeopleList((), 0, 0)
