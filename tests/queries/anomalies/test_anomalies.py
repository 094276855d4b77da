"""Each anomaly has its evidence; near misses and time without data are no anomaly."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.anomalies.anomaly import Anomalies, Kind
from queries.anomalies.detection import SHOWN_OF_EACH, anomalies
from queries.anomalies.login_anomalies import (
    NAMES_NEVER_MEET,
    NO_LOGIN_SOURCE,
    NO_REQUESTS_KNOWN,
    NOTHING_RECEIVED,
)
from queries.anomalies.request_anomalies import NO_APPLICATIONS
from queries.engine import Engine
from queries.identity.access import access
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from store import timestamps
from store.reading.snapshot import Snapshot
from store.registers.application_version import Application, ApplicationVersion
from store.registers.verdicts import KnownHour, KnownHours, Partial
from tests.factories import login, record

Record = dict[str, Any]
Engines = Callable[..., Engine]
Snapshots = Callable[..., Snapshot]
Look = Callable[..., Anomalies]

ANN, BOB = "ann@acme.example", "bob@acme.example"
JIRA, WWW = "jira.acme.example", "www.acme.example"
START = datetime(2026, 11, 2, 9)  # noqa: DTZ001 - UTC without a zone
END = START + timedelta(days=20)
HOUR = timedelta(hours=1)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/142.0.0.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1"


def at(hours: float) -> str:
    return timestamps.to_text(START + hours * HOUR)


def request(hours: float, host: str = JIRA, user: str = ANN, **changes: Any) -> Record:
    sent = {
        "EdgeStartTimestamp": at(hours),
        "EdgeEndTimestamp": at(hours),
        "ClientRequestHost": host,
        "ClientRequestUserAgent": MAC,
        "ClientCountry": "gb",
        "RequestHeaders": {"cf-access-user": user},
        "RayID": f"r{hours:.3f}",
    }
    return record(**{**sent, **changes})


def event(hours: float, user: str = ANN, action: str = "login", **changes: Any) -> Record:
    told = {
        "Action": action,
        "AppDomain": JIRA,
        "AppUUID": "jira",
        "CreatedAt": at(hours),
        "Email": user,
        "RayID": f"l{hours:.3f}",
    }
    return login(**{**told, **changes})


# Somebody else logs in every day, so that the source of logins is known to be there.
OTHERS = [event(24.0 * day, BOB) for day in range(-2, 20)]


@pytest.fixture
def look(engine: Engines, snapshot: Snapshots) -> Look:
    """The anomalies of ann."""

    def found(
        requests: Sequence[Record],
        logins: Sequence[Record] = OTHERS,
        *,
        names: tuple[str, ...] = (ANN,),
        period: Period = ALWAYS,
        **known: Any,
    ) -> Anomalies:
        everything = {"received": ((START - 48 * HOUR, END),), **known}
        asked = engine(replace(snapshot(requests, logins), **everything))
        person = Person.only(names[0])
        return anomalies(asked, person, period, access(asked, person, period))

    return found


def only(found: Anomalies, kind: Kind) -> list[tuple[float, str | None, int | None]]:
    """When each of these began, its host, and how many requests it has."""
    return [
        ((each.started_at - START) / HOUR, each.host, each.requests)
        for each in found.found
        if each.kind is kind
    ]


def reasons(found: Anomalies, kind: Kind) -> list[str]:
    return [each.why for each in found.not_judged if each.kind is kind]


def listed(lasts: str = "24h", host: str = JIRA) -> ApplicationVersion:
    told = Application(
        id="jira", name="", type="self_hosted", aud="", covers=(host,), opens=(),
        session_duration=lasts,
    )  # fmt: skip
    since = START - timedelta(days=90)
    return ApplicationVersion(told, since, None, since)


def test_requests_that_no_login_can_have_let_in_are_an_anomaly(look: Look) -> None:
    found = look([request(1), request(30), request(30.5)], [*OTHERS, event(0.9)])

    assert only(found, Kind.NO_LOGIN) == [(30, JIRA, 2)]
    [anomaly] = [each for each in found.found if each.kind is Kind.NO_LOGIN]
    [shown] = anomaly.evidence
    assert (shown.what, shown.ray_id) == ("request", "r30.000")
    assert (anomaly.ended_at - START) / HOUR == 30.5


def test_requests_within_the_session_of_a_login_are_no_anomaly(look: Look) -> None:
    assert only(look([request(24.8)], [*OTHERS, event(0.9)]), Kind.NO_LOGIN) == []


@pytest.mark.parametrize(("lasts", "is_odd"), [("72h", False), ("12h", True)])
def test_the_application_says_how_long_a_login_lasts(look: Look, lasts: str, is_odd: bool) -> None:
    found = look([request(50)], [*OTHERS, event(0)], applications=(listed(lasts),))

    assert bool(only(found, Kind.NO_LOGIN)) is is_odd


def test_a_login_to_another_host_lets_nobody_in(look: Look) -> None:
    found = look([request(1)], [*OTHERS, event(0.9, AppDomain="git.acme.example", AppUUID="git")])

    assert only(found, Kind.NO_LOGIN) == [(1, JIRA, 1)]


def test_a_login_before_the_first_known_one_may_have_let_somebody_in(look: Look) -> None:
    """The oldest known login of anybody is at hour -48, and a session lasts 24 hours."""
    found = look([request(-24.5), request(-30)])

    assert only(found, Kind.NO_LOGIN) == []
    assert only(look([request(-23.9)]), Kind.NO_LOGIN) == [(-23.9, JIRA, 1)]


def test_no_login_is_not_claimed_where_no_source_of_logins_covers_the_time(look: Look) -> None:
    known = {"applications": (listed(),)}

    none = look([request(1)], [], **known)
    ended = look([request(200)], [event(0, BOB), event(72, BOB)], **known)

    assert (only(none, Kind.NO_LOGIN), reasons(none, Kind.NO_LOGIN)) == ([], [NO_LOGIN_SOURCE])
    assert only(ended, Kind.NO_LOGIN) == []


def test_no_login_is_not_claimed_of_a_name_of_another_kind(look: Look) -> None:
    """The logins have mail addresses; this name has never met one."""
    found = look([request(1, user="ann")], names=("ann",))

    assert only(found, Kind.NO_LOGIN) == []
    assert reasons(found, Kind.NO_LOGIN) == [NAMES_NEVER_MEET]


def test_requests_on_an_unprotected_host_need_no_login(look: Look) -> None:
    assert only(look([request(1, WWW)]), Kind.NO_LOGIN) == []


def test_requests_after_a_logout_are_an_anomaly(look: Look) -> None:
    logins = [*OTHERS, event(0), event(2, action="logout")]

    found = look([request(1), request(2.5), request(3)], logins)

    assert only(found, Kind.AFTER_LOGOUT) == [(2.5, JIRA, 2)]
    [anomaly] = [each for each in found.found if each.kind is Kind.AFTER_LOGOUT]
    assert [(each.what, each.ray_id) for each in anomaly.evidence] == [
        ("logout", "l2.000"),
        ("request", "r2.500"),
    ]


@pytest.mark.parametrize(
    "logins",
    [
        pytest.param([event(2, action="logout"), event(2.4)], id="logged in again"),
        pytest.param([event(2.49, action="logout")], id="under way"),
        pytest.param([event(2, action="logout", AppDomain="git.acme.example")], id="elsewhere"),
        pytest.param([event(2, BOB, action="logout")], id="somebody else"),
    ],
)
def test_other_requests_after_a_logout_are_no_anomaly(look: Look, logins: list[Record]) -> None:
    found = look([request(1), request(2.5)], [*OTHERS, event(0), *logins])

    assert only(found, Kind.AFTER_LOGOUT) == []


def test_a_logout_of_the_team_ends_the_sessions_of_all_applications(look: Look) -> None:
    team = event(2, action="logout", AppDomain="acme.cloudflareaccess.com")

    assert len(only(look([request(2.5)], [*OTHERS, event(0), team]), Kind.AFTER_LOGOUT)) == 1


def test_a_login_that_no_request_follows_is_an_anomaly(look: Look) -> None:
    found = look([request(0.1), request(30)], [*OTHERS, event(0), event(50)])

    assert only(found, Kind.UNUSED_LOGIN) == [(50, None, 0)]
    [anomaly] = [each for each in found.found if each.kind is Kind.UNUSED_LOGIN]
    assert anomaly.values == (JIRA,)
    assert [(each.what, each.ray_id) for each in anomaly.evidence] == [("login", "l50.000")]


@pytest.mark.parametrize(
    "login_event",
    [
        pytest.param(event(29.9), id="a request follows within minutes"),
        pytest.param(event(50, Allowed=False), id="refused"),
        pytest.param(event(50, AppDomain="acme.saas.example"), id="a host that is not logged"),
        pytest.param(event(50, action="warpEnrollment"), id="an enrolment"),
    ],
)
def test_other_logins_without_requests_are_no_anomaly(look: Look, login_event: Record) -> None:
    found = look([request(0.1), request(30)], [*OTHERS, event(0), login_event])

    assert only(found, Kind.UNUSED_LOGIN) == []


def test_no_missing_request_is_claimed_for_time_without_data(look: Look) -> None:
    logins = [*OTHERS, event(0), event(50)]
    until_then = {"received": ((START, START + 49 * HOUR), (START + 52 * HOUR, END))}
    hour = (START + 50 * HOUR).replace(minute=0)
    partial = {"coverage": KnownHours((KnownHour(1, hour, Partial(5, "")),))}

    for known in (until_then, partial, {"received": ()}):
        found = look([request(0.1), request(30)], logins, **known)
        assert only(found, Kind.UNUSED_LOGIN) == []
        assert reasons(found, Kind.UNUSED_LOGIN) == [NOTHING_RECEIVED]


def test_a_login_of_a_name_that_has_no_requests_is_not_judged(look: Look) -> None:
    found = look([request(1, user=BOB)], [*OTHERS, event(50)])

    assert only(found, Kind.UNUSED_LOGIN) == []
    assert reasons(found, Kind.UNUSED_LOGIN) == [NO_REQUESTS_KNOWN]


def in_turns(name: str, *values: str, minutes: float = 1) -> list[Record]:
    return [request(1 + n * minutes / 60, **{name: value}) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("kind", "name", "one", "two"),
    [
        (Kind.TWO_DEVICES, "ClientRequestUserAgent", MAC, PHONE),
        (Kind.TWO_COUNTRIES, "ClientCountry", "gb", "us"),
    ],
)
class TestTwoAtOnce:
    def test_two_in_turns_are_an_anomaly(
        self, look: Look, kind: Kind, name: str, one: str, two: str
    ) -> None:
        found = look(in_turns(name, one, two, one, two, one), [*OTHERS, event(0.9)])

        [anomaly] = [each for each in found.found if each.kind is kind]
        assert len(set(anomaly.values)) == 2
        assert [each.ray_id for each in anomaly.evidence] == ["r1.017", "r1.033", "r1.050"]
        assert (anomaly.ended_at - START) / HOUR == pytest.approx(1 + 4 / 60)

    def test_a_switch_is_none(self, look: Look, kind: Kind, name: str, one: str, two: str) -> None:
        for turns in ((one, one, two, two), (one, two, one, one), (one, two, two, one)):
            assert only(look(in_turns(name, *turns), [*OTHERS, event(0.9)]), kind) == []

    def test_slow_turns_are_none(
        self, look: Look, kind: Kind, name: str, one: str, two: str
    ) -> None:
        found = look(in_turns(name, one, two, one, two, minutes=6), [*OTHERS, event(0.9)])

        assert only(found, kind) == []

    def test_turns_on_a_host_where_anybody_can_send_the_name_are_none(
        self, look: Look, kind: Kind, name: str, one: str, two: str
    ) -> None:
        turns = [{**each, "ClientRequestHost": WWW} for each in in_turns(name, one, two, one, two)]

        assert only(look(turns, [*OTHERS, event(0.9)]), kind) == []


def test_an_update_and_a_program_are_no_second_device(look: Look) -> None:
    for other in (MAC.replace("142", "143"), "git/2.47.0"):
        turns = in_turns("ClientRequestUserAgent", MAC, other, MAC, other)
        assert only(look(turns, [*OTHERS, event(0.9)]), Kind.TWO_DEVICES) == []


def test_one_country_after_the_other_is_a_journey(look: Look) -> None:
    turns = in_turns("ClientCountry", "gb", "fr", "de", "pl", "lt")

    assert only(look(turns, [*OTHERS, event(0.9)]), Kind.TWO_COUNTRIES) == []


def test_an_unknown_country_is_no_second_one(look: Look) -> None:
    turns = in_turns("ClientCountry", "gb", "xx", "gb", "", "gb", "GB")

    assert only(look(turns, [*OTHERS, event(0.9)]), Kind.TWO_COUNTRIES) == []


def test_a_name_on_a_host_that_no_application_covers_is_an_anomaly(look: Look) -> None:
    found = look([request(1), request(2, WWW), request(3, WWW)], [*OTHERS, event(0.9)])

    assert only(found, Kind.UNPROTECTED) == [(2, WWW, 2)]


def test_a_name_on_a_path_that_no_application_covers_is_an_anomaly(look: Look) -> None:
    logins = [event(0, BOB, AppDomain=f"{JIRA}/admin"), event(0.9, AppDomain=f"{JIRA}/admin")]
    requests = [request(1, ClientRequestURI="/admin/x"), request(2, ClientRequestURI="/public")]

    assert only(look(requests, logins), Kind.UNPROTECTED) == [(2, JIRA, 1)]


def test_a_name_on_a_path_of_access_itself_is_no_anomaly(look: Look) -> None:
    asked = request(2, WWW, ClientRequestPath="/cdn-cgi/access/logout")

    assert only(look([asked]), Kind.UNPROTECTED) == []


def test_a_name_is_no_anomaly_where_nothing_is_known_of_applications(look: Look) -> None:
    found = look([request(1, WWW)], [])
    later = look([request(200, WWW)], [event(0, BOB), event(1, BOB)])

    assert only(found, Kind.UNPROTECTED) == only(later, Kind.UNPROTECTED) == []
    assert reasons(found, Kind.UNPROTECTED) == [NO_APPLICATIONS]


def test_anomalies_of_a_period_are_of_that_period(look: Look) -> None:
    requests = [request(1, WWW), request(30, WWW)]

    found = look(requests, period=Period(START + 20 * HOUR, None))

    assert only(found, Kind.UNPROTECTED) == [(30, WWW, 1)]


def test_a_kind_that_happens_all_the_time_is_cut_with_a_count(look: Look) -> None:
    hosts = [request(n / 10, f"h{n}.acme.example") for n in range(SHOWN_OF_EACH + 3)]

    found = look(hosts)

    assert len(only(found, Kind.UNPROTECTED)) == SHOWN_OF_EACH
    assert found.left_out == 3


def test_a_person_who_did_nothing_has_no_anomaly(look: Look) -> None:
    assert look([request(1, user=BOB)]) == Anomalies()
