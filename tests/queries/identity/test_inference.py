"""Login names and request names that are one person's, found from what both logs tell."""

import random
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from queries.engine import Engine, open_engine
from queries.identity.inference import LIMITS, infer
from store.reading.snapshot import Snapshot
from store.registers.identity.inferred_name import InferredName
from tests.factories import login, record
from tests.queries.identity.company.parts import covering, snapshot_of
from tests.queries.identity.company.traffic import Company, company
from tests.queries.identity.company.world import World
from tests.suites import LONG_ONLY

Engines = Callable[..., Engine]
Row = dict[str, Any]

HOST, MAIL, NAME = "jira.acme.example", "s.rhea@acme.example", "srhea"
OFFICE, HOME = "203.0.113.10", "198.51.100.7"

# Of 100 people who are in both logs, so many must be found in a plain company.
FOUND_MIN = 95
QUICK_SEEDS = (1, 3, 6, 8, 10, 14, 18, 20)
LONG_SEEDS = 200
PLAIN_EVERY = 10


def at(day: int, clock: str, seconds: float = 0) -> str:
    moment = datetime.fromisoformat(f"2026-11-{day:02}T{clock}") + timedelta(seconds=seconds)
    return f"{moment.isoformat()}Z"


def logged_in(when: str, mail: str = MAIL, **changes: Any) -> Row:
    told = {"AppDomain": HOST, "IPAddress": OFFICE, "CreatedAt": when, "Email": mail, "RayID": ""}
    return login(**{**told, **changes})


def asked(when: str, name: str = NAME, **changes: Any) -> Row:
    told = {
        "ClientIP": OFFICE,
        "ClientRequestHost": HOST,
        "EdgeStartTimestamp": when,
        "EdgeEndTimestamp": when,
        "RequestHeaders": {"cf-access-user": name},
    }
    return record(**{**told, **changes})


def mornings(
    days: Sequence[int], *, mail: str = MAIL, name: str = NAME, address: str = OFFICE
) -> tuple[list[Row], list[Row]]:
    """On each day a login at nine, and four requests in the minutes after it."""
    logins = [logged_in(at(day, "09:00:30"), mail, IPAddress=address) for day in days]
    requests = [
        asked(at(day, f"09:0{minute}:00"), name, ClientIP=address)
        for day in days
        for minute in (1, 2, 3, 4)
    ]
    return requests, logins


def pairs(engine: Engine) -> list[tuple[str, str]]:
    return [(each.login_name, each.request_name) for each in infer(engine)]


def test_requests_that_begin_after_each_login_have_its_name(engine: Engines) -> None:
    found = infer(engine(*mornings((20, 21, 23))))

    assert found == (
        InferredName(
            login_name=MAIL,
            request_name=NAME,
            agreeing=3,
            against=0,
            addresses=1,
            first_login=datetime.fromisoformat("2026-11-20T09:00:30"),
            last_login=datetime.fromisoformat("2026-11-23T09:00:30"),
        ),
    )


def test_one_login_is_chance(engine: Engines) -> None:
    assert not pairs(engine(*mornings((20,))))


def test_two_logins_of_one_arrival_are_one(engine: Engines) -> None:
    requests, logins = mornings((20,))
    wiki = {"ClientRequestHost": "wiki.acme.example"}
    requests.append(asked(at(20, "09:02:00"), **wiki))
    logins.append(logged_in(at(20, "09:01:40"), AppDomain="wiki.acme.example"))

    assert not pairs(engine(requests, logins))


@pytest.mark.parametrize("change", [{"Action": "logout"}, {"Allowed": False}])
def test_what_is_no_login_is_no_evidence(engine: Engines, change: Row) -> None:
    requests, logins = mornings((20, 21, 23))

    assert not pairs(engine(requests, [{**each, **change} for each in logins]))


def test_two_who_always_come_together_are_not_told_apart(engine: Engines) -> None:
    requests, logins = mornings(range(2, 25))
    others, their_logins = mornings(range(2, 25), mail="k.lind@acme.example", name="klind")

    assert not pairs(engine([*requests, *others], [*logins, *their_logins]))


def test_two_who_come_together_are_told_apart_by_their_homes(engine: Engines) -> None:
    requests, logins = mornings(range(2, 10))
    others, their_logins = mornings(range(2, 10), mail="k.lind@acme.example", name="klind")
    at_home = mornings(range(10, 16), address=HOME)
    also_at_home = mornings(
        range(10, 16), mail="k.lind@acme.example", name="klind", address="2001:db8:5::1"
    )

    found = pairs(
        engine(
            [*requests, *others, *at_home[0], *also_at_home[0]],
            [*logins, *their_logins, *at_home[1], *also_at_home[1]],
        )
    )

    assert found == [("k.lind@acme.example", "klind"), (MAIL, NAME)]


def test_a_name_that_many_log_in_to_is_nobodys(engine: Engines) -> None:
    requests, logins = list[Row](), list[Row]()
    for day in range(2, 25):
        for hour, mail in ((8, "a@acme.example"), (11, "b@acme.example"), (14, "c@acme.example")):
            logins.append(logged_in(at(day, f"{hour:02}:00:00"), mail))
            requests.append(asked(at(day, f"{hour:02}:00:20"), "kiosk"))

    assert not pairs(engine(requests, logins))


def test_two_mail_addresses_of_one_name_are_not_chosen_from(engine: Engines) -> None:
    requests, logins = mornings(range(2, 12))
    more, other_logins = mornings(range(12, 22), mail="srhea@partner.example")

    assert not pairs(engine([*requests, *more], [*logins, *other_logins]))


@pytest.mark.parametrize("spelling", [MAIL, MAIL.upper(), f" {MAIL}"])
def test_a_login_name_on_the_requests_explains_its_logins(engine: Engines, spelling: str) -> None:
    """Another name that begins at the same moments gets nothing."""
    requests, logins = mornings((20, 21, 23), name=spelling)
    others, _ = mornings((20, 21, 23), name="klind")

    assert not pairs(engine([*requests, *others], logins))


def test_a_login_name_is_not_mapped_to_another_one(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23), name="K.Lind@acme.example")
    logins.append(logged_in(at(2, "12:00:00"), "k.lind@acme.example", IPAddress=HOME))

    assert not pairs(engine(requests, logins))


def test_a_mail_address_without_logins_is_not_mapped_to_another_one(engine: Engines) -> None:
    """Its own logins may be missing in the log."""
    requests, logins = mornings((20, 21, 23), name="K.Lind@acme.example")

    assert not pairs(engine(requests, logins))


def test_what_works_around_the_clock_is_no_person(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))
    person = {"cf-access-user": NAME}
    for day in (20, 21, 23):
        for hour in range(24):
            nightly = asked(at(day, f"{hour:02}:30:00"), ClientIP=HOME)
            requests.append({**nightly, "RequestHeaders": person})

    assert not pairs(engine(requests, logins))


def test_a_login_name_on_most_requests_is_not_mapped_by_the_rest(engine: Engines) -> None:
    requests, logins = mornings(range(2, 12), name=MAIL)
    wiki = "wiki.acme.example"
    for day in range(2, 9):
        logins.append(logged_in(at(day, "14:00:00"), AppDomain=wiki))
        requests.append(asked(at(day, "14:00:20"), "klind", ClientRequestHost=wiki))

    assert not pairs(engine(requests, logins))


def test_names_sent_where_no_application_covers_count_for_nothing(engine: Engines) -> None:
    """Right after his own logins somebody sends the name of another, from the same office."""
    requests, logins = mornings((20, 21, 23))
    elsewhere = [{**each, "ClientRequestHost": "www.acme.example"} for each in requests]

    assert not pairs(engine(elsewhere, logins))


def test_a_path_that_everybody_may_enter_counts_for_nothing(
    engine: Engines, snapshot: Callable[..., Snapshot]
) -> None:
    requests, logins = mornings((20, 21, 23))
    public = [{**each, "ClientRequestURI": "/public/page"} for each in requests]
    listed = (covering([HOST]),)

    assert not pairs(engine(replace(snapshot(public, logins), applications=listed)))
    assert pairs(engine(replace(snapshot(requests, logins), applications=listed)))


def test_a_name_on_a_path_that_cloudflare_answers_itself_counts_for_nothing(
    engine: Engines,
) -> None:
    requests, logins = mornings((20, 21, 23), name="framed")
    trace = {"ClientRequestURI": "/cdn-cgi/trace", "ClientRequestPath": "/cdn-cgi/trace"}

    assert not pairs(engine([{**each, **trace} for each in requests], logins))


@pytest.mark.parametrize("answer", [{"EdgeResponseStatus": 302}, {"SecurityAction": "block"}])
@pytest.mark.parametrize("place", [HOST, f"{HOST}/browse"])
def test_a_name_that_access_did_not_let_through_counts_for_nothing(
    engine: Engines, place: str, answer: Row
) -> None:
    requests, logins = mornings((20, 21, 23), name="framed")
    forged = [{**each, **answer, "OriginResponseStatus": 0} for each in requests]
    to_place = [{**each, "AppDomain": place} for each in logins]

    assert pairs(engine(requests, to_place)) == [(MAIL, "framed")]
    assert not pairs(engine(forged, to_place))


def test_a_login_for_one_path_tells_nothing_of_another(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))
    elsewhere = [{**each, "AppDomain": f"{HOST}/admin"} for each in logins]
    below = [{**each, "ClientRequestURI": "/admin/users?page=2"} for each in requests]
    beside = [{**each, "ClientRequestURI": "/administration"} for each in requests]

    assert not pairs(engine(beside, elsewhere))
    assert pairs(engine(below, elsewhere)) == [(MAIL, NAME)]


def test_an_application_of_a_whole_domain_covers_its_hosts(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))

    found = pairs(engine(requests, [{**each, "AppDomain": "*.acme.example"} for each in logins]))

    assert found == [(MAIL, NAME)]


def test_an_address_of_ipv6_may_change_within_its_house(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))
    for number, each in enumerate(requests):
        each["ClientIP"] = f"2001:db8:51:0:{number + 1:x}::9"
    for number, each in enumerate(logins):
        each["IPAddress"] = f"2001:db8:51::{number + 1:x}"

    assert pairs(engine(requests, logins)) == [(MAIL, NAME)]


def test_the_clocks_of_the_logs_may_differ_by_seconds(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))
    early = [asked(at(day, "09:00:24")) for day in (20, 21, 23)]

    assert pairs(engine([*early, *requests], logins)) == [(MAIL, NAME)]


def test_first_requests_long_after_the_logins_are_no_evidence(engine: Engines) -> None:
    requests, logins = mornings((20, 21, 23))
    late = [
        {**each, "CreatedAt": at(20 + number, "08:40:00")} for number, each in enumerate(logins)
    ]

    assert not pairs(engine(requests, late))


def test_a_stranger_who_is_there_in_between_is_nobody(engine: Engines) -> None:
    """A name that no login explains begins at random in an office of twenty."""
    chance = random.Random(17)
    requests, logins = list[Row](), list[Row]()
    for day in range(2, 25):
        for number in range(20):
            moment = chance.uniform(0, 3600)
            logins.append(logged_in(at(day, "09:00:00", moment), f"p{number}@acme.example"))
            if number:
                requests.append(asked(at(day, "09:00:00", moment + 20), f"person{number}"))
        requests.append(asked(at(day, "09:00:00", chance.uniform(0, 3600)), "stranger"))

    found = pairs(engine(requests, logins))

    assert len(found) > 15
    assert all(request == f"person{mail[1:].split('@')[0]}" for mail, request in found)


def found_in(made: Company, folder: Path) -> set[tuple[str, str]]:
    with open_engine(snapshot_of(made, folder), LIMITS) as engine:
        return set(pairs(engine))


def wrong_in(found: set[tuple[str, str]], made: Company) -> set[tuple[str, str]]:
    right = {(login_name, name.lower()) for login_name, name in made.truth}
    return {pair for pair in found if (pair[0], pair[1].lower()) not in right}


def test_nearly_everybody_in_a_plain_company_is_found(tmp_path: Path) -> None:
    made = company(replace(World.plain(1), days=12))

    found = found_in(made, tmp_path)

    assert not wrong_in(found, made)
    assert len(found & made.findable) * 100 >= FOUND_MIN * len(made.findable)


@pytest.mark.parametrize("number", QUICK_SEEDS)
def test_nobody_in_a_hard_company_gets_a_wrong_name(number: int, tmp_path: Path) -> None:
    world = World.hard(number)
    made = company(world)

    assert not wrong_in(found_in(made, tmp_path), made), world


@pytest.mark.slow
@pytest.mark.sequences
@LONG_ONLY
@pytest.mark.timeout(7200)
def test_nobody_gets_a_wrong_name_in_hundreds_of_companies(seed: int, tmp_path: Path) -> None:
    for number in range(seed, seed + LONG_SEEDS):
        plain = [World.plain(number)] if number % PLAIN_EVERY == 0 else []
        for world in (World.hard(number), *plain):
            made = company(world)
            folder = Path(tempfile.mkdtemp(dir=tmp_path))

            found = found_in(made, folder)

            shutil.rmtree(folder)
            assert not wrong_in(found, made), world
            if world in plain:
                assert len(found & made.findable) * 100 >= FOUND_MIN * len(made.findable), world
