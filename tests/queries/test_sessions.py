"""A session begins at a login where one is known, else after silence; each device has its own."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.errors import QueryRefused
from store import timestamps
from tests.factories import login, record

Engines = Callable[..., Engine]

START = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - UTC without a zone
GAP = timedelta(minutes=30)
JIRA, GIT = "jira.widgetcorp.example", "git.widgetcorp.example"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0"
MAC_LATER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_8) AppleWebKit/537.36 Chrome/143.0.1.2"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile/15E148"


def request(minutes: float, agent: str | None = MAC, **changes: Any) -> dict[str, Any]:
    time = timestamps.to_text(START + timedelta(minutes=minutes))
    return record(
        EdgeStartTimestamp=time,
        EdgeEndTimestamp=time,
        ClientRequestUserAgent=agent,
        RayID=f"r{minutes}",
        **changes,
    )


def login_at(minutes: float, application: str = JIRA, **changes: Any) -> dict[str, Any]:
    return login(
        **{
            "CreatedAt": timestamps.to_text(START + timedelta(minutes=minutes)),
            "AppDomain": application,
            "Email": "srhea",
            "RayID": f"l{minutes}",
            **changes,
        }
    )


def sessions(
    asked: Engine, who: tuple[str, ...] = ("srhea",), since: datetime | None = None
) -> list[tuple[Any, ...]]:
    """Of each session: how it started, the Ray ID of its login, and the minutes of its requests."""
    rows = asked.run(
        "select started_by, login_ray_id, list(epoch_us(event_time) order by event_time) from"
        " sessions_under($who::varchar[], $since::timestamp, null::timestamp, $gap)"
        " group by session, started_by, login_ray_id order by session",
        {"who": list(who), "since": since, "gap": GAP // timedelta(microseconds=1)},
        QueryRefused,
    ).rows
    zero = (START - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001
    return [(how, ray, [(at - zero) / 60e6 for at in times]) for how, ray, times in rows]


def test_a_session_starts_at_its_login(engine: Engines) -> None:
    asked = engine([request(1), request(20), request(90)], [login_at(0)])

    assert sessions(asked) == [("login", "l0", [1, 20]), ("silence", None, [90])]


def test_a_login_under_a_mapped_name_starts_the_session(engine: Engines) -> None:
    asked = engine([request(1)], [login_at(0, Email="s.rhea@widgetcorp.example")])

    assert sessions(asked, ("srhea", "s.rhea@widgetcorp.example"))[0][:2] == ("login", "l0")
    assert sessions(asked, ("srhea",))[0][:2] == ("silence", None)


def test_a_login_in_the_middle_of_requests_starts_a_new_session(engine: Engines) -> None:
    """Also where both are in one slice of time, to the microsecond."""
    asked = engine([request(1), request(5), request(7), request(10)], [login_at(7)])

    assert sessions(asked) == [("silence", None, [1, 5]), ("login", "l7", [7, 10])]


def test_a_login_to_one_more_application_starts_no_session(engine: Engines) -> None:
    requests = [request(1), request(10, ClientRequestHost=GIT), request(20), request(30)]
    logins = [login_at(0), login_at(9, GIT), login_at(19), login_at(25, GIT)]

    found = sessions(engine(requests, logins))

    assert found == [("login", "l0", [1, 10]), ("login", "l19", [20, 30])]


@pytest.mark.parametrize(("minutes", "how"), [(30, "login"), (30.01, "silence")])
def test_a_login_counts_until_the_gap_is_over(engine: Engines, minutes: float, how: str) -> None:
    assert sessions(engine([request(minutes)], [login_at(0)]))[0][0] == how


def test_a_login_bridges_a_silence_that_neither_side_alone_fills(engine: Engines) -> None:
    """The person logged in 20 minutes after the last request, and went on 20 minutes later."""
    found = sessions(engine([request(0), request(40)], [login_at(20)]))

    assert found == [("silence", None, [0]), ("login", "l20", [40])]


@pytest.mark.parametrize(
    "event",
    [
        {"Action": "logout"},
        {"Action": "warpEnrollment"},
        {"Allowed": False},
        {"Email": "somebody else"},
        {"IPAddress": "192.0.2.99", "AppDomain": "elsewhere.example"},
    ],
)
def test_other_events_start_no_session(engine: Engines, event: dict[str, Any]) -> None:
    asked = engine([request(1), request(10)], [login_at(5, **event)])

    assert sessions(asked) == [("silence", None, [1, 10])]


def test_each_device_has_its_own_sessions(engine: Engines) -> None:
    requests = [request(0), request(10, PHONE), request(20), request(35, PHONE), request(45)]

    assert sessions(engine(requests)) == [
        ("silence", None, [0, 20, 45]),
        ("silence", None, [10, 35]),
    ]


def test_an_update_of_the_browser_is_no_other_device(engine: Engines) -> None:
    asked = engine([request(0), request(10, MAC_LATER), request(20)])

    assert sessions(asked) == [("silence", None, [0, 10, 20])]


def test_requests_without_a_user_agent_are_one_track(engine: Engines) -> None:
    asked = engine([request(0, None), request(10, ""), request(20, MAC)])

    assert sessions(asked) == [("silence", None, [0, 10]), ("silence", None, [20])]


def test_a_login_belongs_to_the_device_that_goes_on_from_its_address(engine: Engines) -> None:
    requests = [
        request(1, PHONE, ClientIP="192.0.2.40"),
        request(2, MAC),
        request(3, PHONE, ClientIP="192.0.2.40"),
    ]

    assert sessions(engine(requests, [login_at(0)])) == [
        ("silence", None, [1, 3]),
        ("login", "l0", [2]),
    ]


def test_a_login_from_another_address_belongs_to_who_goes_on_to_its_application(
    engine: Engines,
) -> None:
    """A client may have one address by IPv4 and one by IPv6."""
    asked = engine([request(1, PHONE), request(2, MAC)], [login_at(0, IPAddress="2001:db8::1")])

    assert sessions(asked) == [("login", "l0", [1]), ("silence", None, [2])]


def test_of_two_logins_before_any_request_the_last_starts_the_session(engine: Engines) -> None:
    asked = engine([request(3)], [login_at(0), login_at(1)])

    assert sessions(asked) == [("login", "l1", [3])]


def test_a_login_just_before_the_period_starts_its_first_session(engine: Engines) -> None:
    asked = engine([request(-5), request(1)], [login_at(-1)])

    assert sessions(asked, since=START) == [("login", "l-1", [1])]


def test_a_login_before_the_edge_of_a_time_slice_starts_the_session_after_it(
    engine: Engines,
) -> None:
    asked = engine([request(-0.2), request(0.1)], [login_at(-0.1)])

    assert sessions(asked) == [("silence", None, [-0.2]), ("login", "l-0.1", [0.1])]
