"""Who is known, and which names one could have meant."""

from collections.abc import Callable
from datetime import datetime

import pytest

from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity import people
from queries.identity.people import KnownUser, UnknownUser
from queries.identity.person import Person
from tests.factories import login, record

Engines = Callable[..., Engine]


def look_up(engine: Engine, user: str) -> KnownUser | UnknownUser:
    return people.look_up(engine, Person.only(user))


def known(engine: Engines, *users: str) -> Engine:
    return engine([record(RequestHeaders={"cf-access-user": user}) for user in users])


def test_a_known_user_is_counted_over_the_whole_snapshot(engine: Engines) -> None:
    requests = [
        record(EdgeStartTimestamp="2026-11-20T09:00:00Z"),
        record(EdgeStartTimestamp="2026-11-21T09:00:00Z"),
        record(EdgeStartTimestamp=None, EdgeEndTimestamp=None),
        record(RequestHeaders={"cf-access-user": "other"}),
    ]

    assert look_up(engine(requests, [login(Email="srhea")]), "srhea") == KnownUser(
        user="srhea",
        person=Person.only("srhea"),
        user_sources=("request_header",),
        first_seen=datetime(2026, 11, 20, 9),  # noqa: DTZ001 - UTC without a zone
        last_seen=datetime(2026, 11, 21, 9),  # noqa: DTZ001 - UTC without a zone
        requests=3,
        requests_without_time=1,
        logins=1,
    )


def test_a_user_with_logins_only_is_known(engine: Engines) -> None:
    found = look_up(engine([], [login(Email="srhea")]), "srhea")

    assert isinstance(found, KnownUser)
    assert (found.requests, found.logins, found.user_sources) == (0, 1, ())


def test_a_logout_is_no_login_but_makes_its_user_known(engine: Engines) -> None:
    logout = login(Email="srhea", Action="logout", RayID="9c00000000000002")

    both = look_up(engine([], [login(Email="srhea"), logout]), "srhea")
    only = look_up(engine([], [logout]), "srhea")

    assert isinstance(both, KnownUser)
    assert isinstance(only, KnownUser)
    assert (both.logins, only.logins) == (1, 0)


MEANT = {
    "srhae": "srhea",
    "KWHITMORE": "kwhitmore",
    "l.chne": "l.chen",
    "m.diaz": "m.diaz@widgetcorp.example",
    "b.smith@example.com": "b.smith",
    "abd": "abc",
}


def test_a_similar_name_is_suggested(engine: Engines) -> None:
    held = known(engine, *MEANT.values(), "zzyzx")

    for asked, meant in MEANT.items():
        assert look_up(held, asked) == UnknownUser(asked, (meant,))


def test_another_spelling_of_the_name_comes_first(engine: Engines) -> None:
    # Letters of full width, which no comparison letter by letter finds similar.
    wide = "".join(chr(ord(letter) - ord("!") + 0xFF01) for letter in "SRHEA")

    assert look_up(known(engine, "srhea", "srheb"), wide) == UnknownUser(wide, ("srhea",))


def test_a_dissimilar_name_is_not_suggested(engine: Engines) -> None:
    held = known(engine, "srhea", "kwhitmore", "l.chen")

    for asked in ("' or 1=1 --", "%", "*", "q", "completely different"):
        assert look_up(held, asked) == UnknownUser(asked, ())


def test_names_from_logins_are_suggested_too_and_each_once(engine: Engines) -> None:
    asked = engine(
        [record(RequestHeaders={"cf-access-user": "srhea"})] * 2,
        [login(Email="srhea"), login(Email="srheb")],
    )

    assert look_up(asked, "srhec") == UnknownUser("srhec", ("srhea", "srheb"))


# The likeliest first: the same mailbox, then a slip, then the more similar, then by name.
LIKELIEST = (
    "smithson@a.example",
    "smithson@b.example",
    "smithsin",
    "smithsom",
    "smithsonian",
    "smithson-brown",
    "smithson-browning",
)


@pytest.mark.parametrize("names", [1, 3, 5, 6])
def test_the_likeliest_names_remain(
    engine: Engines, monkeypatch: pytest.MonkeyPatch, names: int
) -> None:
    monkeypatch.setattr(people, "NAMES_SUGGESTED", names)

    found = look_up(known(engine, *reversed(LIKELIEST)), "smithson")

    assert found == UnknownUser("smithson", LIKELIEST[:names])


def test_very_long_names_are_neither_compared_nor_suggested(engine: Engines) -> None:
    at_the_limit, beyond = "x" * 256, "x" * 257
    asked = known(engine, at_the_limit, beyond)

    assert look_up(asked, "x" * 255) == UnknownUser("x" * 255, (at_the_limit,))
    assert look_up(asked, "x" * 258) == UnknownUser("x" * 258, ())


def test_a_name_with_invalid_characters_matches_no_user(engine: Engines) -> None:
    assert look_up(known(engine, "srhea"), "srhe\udce9") == UnknownUser("srhe\udce9", ())


def test_an_empty_name_is_refused(engine: Engines) -> None:
    with pytest.raises(QueryRefused, match="user name is empty"):
        look_up(known(engine, "srhea"), "")
