"""Every list of a report that is cut: which entries remain, and that totals count all of them."""

from collections.abc import Callable
from typing import Any

import pytest

from queries.engine import Engine
from queries.report import assembly, sessions
from queries.report.listing import Listing
from queries.report.model import Use
from tests.factories import login, record
from tests.queries.report.reports import after, reported

Engines = Callable[..., Engine]

DAY = 86_400
UNTIMED: dict[str, Any] = {"EdgeStartTimestamp": None, "EdgeEndTimestamp": None}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set how many entries of a list are shown."""

    def cut(**limits: int) -> None:
        for name, limit in limits.items():
            home = sessions if hasattr(sessions, name) else assembly
            monkeypatch.setattr(home, name, limit)

    return cut


KINDS = {
    "hosts": "ClientRequestHost",
    "addresses": "ClientIP",
    "countries": "ClientCountry",
    "user_agents": "ClientRequestUserAgent",
}


def test_the_values_used_most_remain_and_ties_go_by_name(
    engine: Engines, shown: Callable[..., None]
) -> None:
    shown(USES_SHOWN=3)
    used = ["b", "d", "d", "d", "c", "c", "a", None]
    requests = [
        after(n, **{field: value and f"{kind}-{value}" for kind, field in KINDS.items()})
        for n, value in enumerate(used)
    ]

    found = reported(engine(requests))

    for kind in KINDS:
        listing: Listing[Use] = getattr(found, kind)
        assert [(use.value, use.requests) for use in listing.shown] == [
            (f"{kind}-d", 3),
            (f"{kind}-c", 2),
            (f"{kind}-a", 1),
        ]
        assert (listing.total, listing.more) == (5, 2)


def test_the_hosts_used_most_are_named_in_the_chart(
    engine: Engines, shown: Callable[..., None]
) -> None:
    shown(HOSTS_CHARTED=2)
    hosts = ["a", "b", "b", "c", "c", "c", "d"]
    requests = [after(n, ClientRequestHost=host) for n, host in enumerate(hosts)]

    counts = reported(engine(requests)).activity.counts

    assert [(count.host, count.requests) for count in counts] == [("b", 2), ("c", 3), (None, 2)]


def test_the_newest_sessions_remain_in_order(engine: Engines, shown: Callable[..., None]) -> None:
    shown(SESSIONS_SHOWN=2)
    requests = [after(day * DAY, ClientRequestURI=f"/{day}") for day in (2, 0, 3, 1)]

    sessions = reported(engine(requests)).sessions

    assert [(each.number, each.steps[0].uri) for each in sessions.shown] == [(3, "/2"), (4, "/3")]
    assert sessions.total == 4


def test_the_names_of_a_session_that_remain_are_the_first_by_name(
    engine: Engines, shown: Callable[..., None]
) -> None:
    shown(NAMES_SHOWN=2)
    names = ["c", "a", "d", "b", "d"]
    requests = [
        after(n, ClientRequestHost=name, ClientIP=name, ClientCountry=name)
        for n, name in enumerate(names)
    ]

    (session,) = reported(engine(requests)).sessions.shown

    cut = Listing(("a", "b"), 4)
    assert (session.hosts, session.addresses, session.countries) == (cut, cut, cut)


def test_the_first_steps_of_a_session_remain(engine: Engines, shown: Callable[..., None]) -> None:
    shown(STEPS_SHOWN=2)
    uris = ["/c", "/c", "/a", "/d", "/b"]
    requests = [after(n, ClientRequestURI=uri) for n, uri in enumerate(uris)]

    (session,) = reported(engine(requests)).sessions.shown

    assert [(step.uri, step.times) for step in session.steps] == [("/c", 2), ("/a", 1)]
    assert session.requests_not_shown == 2


def test_the_first_views_of_a_session_are_read_and_later_ones_counted(
    engine: Engines, shown: Callable[..., None]
) -> None:
    shown(REQUESTS_READ=3)
    # Those of one moment go by nanosecond, then Ray ID, then line.
    second = "2026-11-20T09:00:00"
    places = [
        ("/late", f"{second}.000000002Z", "a"),
        ("/c", f"{second}.000000001Z", "b"),
        ("/d", f"{second}.000000001Z", "b"),
        ("/b", f"{second}.000000001Z", "a"),
    ]
    requests = [
        record(EdgeStartTimestamp=time, EdgeEndTimestamp=time, ClientRequestURI=uri, RayID=ray)
        for uri, time, ray in places
    ]

    (session,) = reported(engine(requests)).sessions.shown

    assert [step.uri for step in session.steps] == ["/b", "/c", "/d"]
    assert session.requests_not_shown == 1


# Seconds after the start and Ray IDs; the newest come last, and those without a time after them.
ORDERED: tuple[tuple[int | None, str], ...] = (
    (0, "f"),
    (1, "e"),
    (2, "c"),
    (2, "d"),
    (None, "a"),
    (None, "b"),
)
ARRIVAL = (3, 0, 5, 2, 4, 1)


def test_the_newest_refused_requests_and_logins_remain_oldest_first(
    engine: Engines, shown: Callable[..., None]
) -> None:
    requests = [
        record(EdgeResponseStatus=403, RayID=ray, **UNTIMED)
        if seconds is None
        else after(seconds, EdgeResponseStatus=403, RayID=ray)
        for seconds, ray in ORDERED
    ]
    logins = [
        login(
            Email="srhea",
            RayID=ray,
            Allowed=seconds is not None,
            CreatedAt=None if seconds is None else f"2026-11-20T09:00:0{seconds}Z",
        )
        for seconds, ray in ORDERED
    ]
    asked = engine([requests[place] for place in ARRIVAL], [logins[place] for place in ARRIVAL])

    for limit in (1, 3, 5):
        shown(REFUSED_SHOWN=limit, LOGINS_SHOWN=limit)
        found = reported(asked)

        newest = [ray for _, ray in ORDERED[-limit:]]
        assert [each.ray_id for each in found.refused.shown] == newest
        assert [each.ray_id for each in found.logins.shown] == newest
        assert found.refused.total == found.logins.total == len(ORDERED)
        assert found.access_events.logins_refused == 2


def test_of_requests_with_the_same_time_and_ray_id_the_last_lines_remain(
    engine: Engines, shown: Callable[..., None]
) -> None:
    shown(REFUSED_SHOWN=2, LOGINS_SHOWN=2)

    found = reported(
        engine([after(0, EdgeResponseStatus=403)] * 4, [login(Email="srhea", RayID="")] * 4)
    )

    assert [each.line_number for each in found.refused.shown] == [3, 4]
    assert [each.line_number for each in found.logins.shown] == [3, 4]


def test_totals_count_what_is_not_shown(engine: Engines, shown: Callable[..., None]) -> None:
    shown(SESSIONS_SHOWN=1, STEPS_SHOWN=1, NAMES_SHOWN=1, USES_SHOWN=1, HOSTS_CHARTED=1)
    requests = [
        after(day * DAY + step, ClientRequestHost=f"{step}.example", ClientIP=f"192.0.2.{step}")
        for day in range(4)
        for step in range(5)
    ]

    found = reported(engine(requests))

    totals = found.totals
    assert (totals.requests, totals.sessions, totals.hosts, totals.addresses) == (20, 4, 5, 5)
    assert sum(count.requests for count in found.activity.counts) == 20
