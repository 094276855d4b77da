"""The report: exact counts, sessions cut where they are, pages that are pages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.engine import QUESTIONED, Engine, open_engine
from queries.errors import QueryFailed, QueryRefused
from queries.identity.people import UnknownUser
from queries.identity.person import Person
from queries.limits import Limits
from queries.period import parse_period
from queries.report.assembly import report
from queries.report.model import ActivityCount, Totals
from queries.report.sessions import Step
from queries.trail import trail_sql
from store import timestamps
from store.reading.snapshot import Snapshot
from tests.factories import login, record
from tests.queries.report.reports import START, after, reported

Engines = Callable[..., Engine]
Snapshots = Callable[..., Snapshot]


def test_the_totals_are_exact(engine: Engines) -> None:
    requests = [
        after(0, ClientIP="192.0.2.1", EdgeResponseBytes=10, ClientRequestBytes=700),
        after(1, ClientIP="192.0.2.2", EdgeResponseBytes=2**40, ClientRequestHost="b.example"),
        after(2, EdgeResponseContentType="image/png", EdgeResponseBytes=None),
        after(9000, EdgeResponseStatus=403, ClientRequestHost="B.EXAMPLE:443"),
        record(EdgeStartTimestamp=None, EdgeEndTimestamp=None, EdgeResponseBytes=1),
        after(3, RequestHeaders={"cf-access-user": "other"}),
    ]

    found = reported(engine(requests))

    assert found.totals == Totals(
        requests=5,
        probable_duplicates=0,
        pages=4,
        sessions=2,
        hosts=2,
        addresses=3,
        bytes=2**40 + 4600 + 11,
        bytes_received=700,
        refused=1,
        requests_without_time=1,
        first_received=found.totals.first_received,
        last_received=found.totals.last_received,
    )
    assert found.totals.first_received == found.totals.last_received is not None
    assert (found.first_seen, found.last_seen) == (START, START + timedelta(seconds=9000))


def test_a_period_limits_every_section_except_the_user(engine: Engines) -> None:
    requests = [after(0), after(86_400), record(EdgeStartTimestamp=None, EdgeEndTimestamp=None)]
    logins = [login(Email="srhea"), login(Email="srhea", CreatedAt="2026-11-25T00:00:00Z")]

    found = reported(engine(requests, logins), period=parse_period("2026-11-20", "2026-11-20"))

    assert (found.totals.requests, found.totals.requests_without_time) == (1, 0)
    assert (found.logins.total, found.sessions.total, found.hosts.shown[0].requests) == (1, 1, 1)
    assert (found.who.requests, found.who.requests_without_time, found.who.logins) == (3, 1, 2)


def test_a_known_user_who_did_nothing_in_the_period_gets_an_empty_report(engine: Engines) -> None:
    found = reported(engine([after(0)]), period=parse_period("2020-01-01", "2020-01-02"))

    assert (found.totals.requests, found.totals.bytes, found.first_seen) == (0, 0, None)
    assert (found.sessions.shown, found.hosts.shown, found.activity.counts) == ((), (), ())


def test_an_unknown_user_is_an_outcome(engine: Engines) -> None:
    assert report(engine([after(0)]), Person.only("srhae")) == UnknownUser("srhae", ("srhea",))


def test_a_report_names_its_snapshot(engine: Engines, snapshot: Snapshots) -> None:
    taken = replace(snapshot([after(0)]), pending_batches=3, lag_seconds=4.5)

    coverage = reported(engine(taken)).coverage

    assert (coverage.sequence, coverage.taken_at) == (7, taken.taken_at)
    assert (coverage.pending_batches, coverage.lag_seconds) == (3, 4.5)


PAGES: dict[str, dict[str, Any]] = {
    "a plain request": {},
    "HTML": {"EdgeResponseContentType": "text/html; charset=utf-8"},
    "HTML in capitals": {"EdgeResponseContentType": "TEXT/HTML"},
    "XHTML": {"EdgeResponseContentType": "application/xhtml+xml"},
    "no type": {"EdgeResponseContentType": ""},
    "unknown type": {"EdgeResponseContentType": "unknown"},
    "a visitor": {"ClientRequestSource": "eyeball"},
    "no source": {"ClientRequestSource": ""},
    "no parent": {"ParentRayID": ""},
    "no parent, as real logs say": {"ParentRayID": "00"},
    "not a Worker's": {"WorkerSubrequest": False},
    "a path that only contains an extension": {"ClientRequestPath": "/a.css/b"},
    "an extension in the query": {"ClientRequestPath": None, "ClientRequestURI": "/a?b=c.css"},
    "no path": {"ClientRequestPath": None, "ClientRequestURI": None},
    "a logout": {"ClientRequestPath": "/cdn-cgi/access/logout"},
}
OTHERS: dict[str, dict[str, Any]] = {
    "JSON": {"EdgeResponseContentType": "application/json"},
    "something like HTML": {"EdgeResponseContentType": "x/text/html"},
    "a type that starts like none": {"EdgeResponseContentType": "unknown/x"},
    "a Worker's fetch": {"ClientRequestSource": "edgeWorkerFetch"},
    "a subrequest": {"WorkerSubrequest": True},
    "a child": {"ParentRayID": "8f0e1d2c3b4a5968"},
    "a style sheet": {"ClientRequestPath": "/a.css"},
    "a missing image, answered in HTML": {
        "ClientRequestPath": "/a.PNG",
        "EdgeResponseContentType": "text/html",
    },
    "a beacon of Cloudflare's": {"ClientRequestPath": "/cdn-cgi/rum"},
    "a script told from its URI": {"ClientRequestPath": None, "ClientRequestURI": "/a.js?v=1"},
}


def test_a_page_view_is_a_request_for_a_document(engine: Engines) -> None:
    kinds = [*PAGES.items(), *OTHERS.items()]
    asked = engine([after(n, RayID=name, **changes) for n, (name, changes) in enumerate(kinds)])

    visits = asked.run(trail_sql(), _all_of("srhea"), QueryFailed)
    assert len(list(visits.rows)) == len(kinds)
    rows = asked.run("select ray_id from requests where kind = 'page'", {}, QueryRefused).rows
    assert {name for (name,) in rows} == set(PAGES)


REFUSED: list[dict[str, Any]] = [
    {"EdgeResponseStatus": 401},
    {"EdgeResponseStatus": 403},
    {"SecurityAction": "block"},
    {"SecurityAction": "managedChallenge"},
    {"SecurityAction": "managed_challenge"},
    {"SecurityAction": "jschallenge"},
    {"SecurityAction": "challengeFailed"},
    {"SecurityAction": "connectionClose"},
]
LET_THROUGH: list[dict[str, Any]] = [
    {"EdgeResponseStatus": 302},
    {"EdgeResponseStatus": 404},
    {"EdgeResponseStatus": None},
    {"SecurityAction": ""},
    {"SecurityAction": "unknown"},
    {"SecurityAction": "log"},
    {"SecurityAction": "allow"},
    {"SecurityAction": "challengeSolved"},
    {"SecurityAction": "managedChallengeBypassed"},
]


def test_only_refused_requests_are_listed_as_refused(engine: Engines) -> None:
    requests = [after(n, RayID=f"r{n}", **each) for n, each in enumerate(REFUSED + LET_THROUGH)]

    found = reported(engine(requests))

    assert [refusal.ray_id for refusal in found.refused.shown] == [
        f"r{n}" for n in range(len(REFUSED))
    ]
    assert found.totals.refused == found.refused.total == len(REFUSED)


def test_a_silence_as_long_as_the_gap_does_not_end_a_session(engine: Engines) -> None:
    gap = timedelta(minutes=30)

    joined = reported(engine([after(0), after(1800)]), session_gap=gap)
    parted = reported(engine([after(0), after(1800.000001)]), session_gap=gap)

    assert (joined.sessions.total, parted.sessions.total) == (1, 2)


def test_a_session_has_a_duration_and_its_pages(engine: Engines) -> None:
    requests = [
        after(0, ClientCountry="gb"),
        after(60, ClientRequestHost="b.example", EdgeResponseContentType="image/png"),
        after(7200, ClientIP="192.0.2.99", ClientCountry="fr"),
    ]

    first, second = reported(engine(requests)).sessions.shown

    assert (first.number, second.number) == (1, 2)
    assert (first.started_at, first.ended_at) == (START, START + timedelta(minutes=1))
    assert (first.duration_seconds, first.requests, first.kinds.of("page")) == (60.0, 2, 1)
    assert first.hosts.shown == ("b.example", "jira.widgetcorp.example")
    assert (second.addresses.shown, second.countries.shown) == (("192.0.2.99",), ("fr",))


def test_the_same_page_several_times_in_a_row_is_one_step(engine: Engines) -> None:
    uris = ["/a", "/a", "/b", "/a", "/a", "/a"]
    statuses = [200, 304, 200, 200, 200, 403]
    requests = [
        after(n, ClientRequestURI=uri, EdgeResponseStatus=status)
        for n, (uri, status) in enumerate(zip(uris, statuses, strict=True))
    ]

    (session,) = reported(engine(requests)).sessions.shown

    assert [(step.uri, step.times, step.statuses) for step in session.steps] == [
        ("/a", 2, (200, 304)),
        ("/b", 1, (200,)),
        ("/a", 3, (200, 403)),
    ]
    assert session.requests_not_shown == 0


def test_a_step_has_an_identity_grade_and_a_start_time(engine: Engines) -> None:
    known = login(AppDomain="jira.widgetcorp.example")
    requests = [after(5), after(6), after(7, ClientRequestHost=None, EdgeResponseStatus=None)]

    (session,) = reported(engine(requests, [known])).sessions.shown

    common: dict[str, Any] = {
        "kind": "page",
        "navigation": "inferred",
        "user_id": "srhea",
        "method": "GET",
        "uri": "/browse/EXP-1",
        "content_type": None,
        "direction": "down",
        "is_refused": False,
        "folded": (),
    }
    assert session.steps == (
        Step(
            seen_at=START + timedelta(seconds=5),
            host="jira.widgetcorp.example",
            identity="access",
            statuses=(200,),
            size_bytes=9200,
            times=2,
            left_at=START + timedelta(seconds=7),
            **common,
        ),
        Step(
            seen_at=START + timedelta(seconds=7),
            host=None,
            identity="unconfirmed",
            statuses=(),
            size_bytes=4600,
            times=1,
            **common,
        ),
    )


def test_unknown_values_are_not_listed_in_a_session(engine: Engines) -> None:
    nothing = {"ClientRequestHost": None, "ClientIP": None, "ClientCountry": None}

    first, second = reported(
        engine([after(0, **nothing), after(1), after(9000, **nothing)])
    ).sessions.shown

    assert (first.hosts.shown, first.hosts.total) == (("jira.widgetcorp.example",), 1)
    assert (first.countries.shown, first.countries.total) == ((), 0)
    assert (second.hosts.shown, second.addresses.shown) == ((), ())


def test_a_session_gap_of_zero_is_refused(engine: Engines) -> None:
    with pytest.raises(QueryRefused, match="gap"):
        report(engine(), Person.only("srhea"), session_gap=timedelta())


def test_hosts_addresses_countries_and_agents_are_counted_most_first(engine: Engines) -> None:
    requests = [
        after(0, ClientRequestHost="a.example", ClientCountry="gb", ClientRequestUserAgent="x"),
        after(1, ClientRequestHost="b.example", ClientCountry="gb"),
        after(2, ClientRequestHost="B.example:444", ClientIP="192.0.2.9"),
    ]

    found = reported(engine(requests), configured_access_hosts=["b.example"])

    assert [(use.value, use.requests, use.identity) for use in found.hosts.shown] == [
        ("b.example", 2, "access"),
        ("a.example", 1, "unconfirmed"),
    ]
    assert [(use.value, use.requests) for use in found.addresses.shown] == [
        ("192.0.2.17", 2),
        ("192.0.2.9", 1),
    ]
    assert [(use.value, use.requests) for use in found.countries.shown] == [("gb", 2), (None, 1)]
    assert [(use.value, use.requests) for use in found.user_agents.shown] == [(None, 2), ("x", 1)]
    assert found.hosts.shown[0].first_seen == START + timedelta(seconds=1)
    assert found.hosts.shown[0].last_seen == START + timedelta(seconds=2)
    assert found.addresses.shown[0].identity is None


def test_logins_are_listed_allowed_or_not(engine: Engines) -> None:
    logins = [
        login(Email="srhea", CreatedAt="2026-11-20T09:00:02Z", Allowed=False),
        login(Email="srhea", CreatedAt="2026-11-20T09:00:01Z"),
        login(Email="other"),
    ]

    found = reported(engine([], logins))

    assert [(each.allowed, each.application) for each in found.logins.shown] == [
        (True, "jira.widgetcorp.example/secure"),
        (False, "jira.widgetcorp.example/secure"),
    ]
    assert (found.logins.total, found.access_events.logins_refused) == (2, 1)


def test_a_report_is_the_same_whether_its_requests_are_kept_or_read_again(
    engine: Engines, snapshot: Snapshots
) -> None:
    taken = snapshot([after(0), after(5, EdgeResponseStatus=403), after(7_200)], [login()])
    wanted = reported(engine(taken))

    for kept_rows in (2, 3):
        limited = engine(taken, limits=Limits(kept_rows=kept_rows))

        assert reported(limited) == wanted
        asked = "select name from (show tables) where name like 'person%'"
        assert list(limited.run(asked, {}, QueryFailed).rows) == []


def test_the_chart_chooses_its_bucket_by_the_span(engine: Engines) -> None:
    ends = {
        4: ("hour", ["2026-11-20T09:00:00", "2026-11-24T09:00:00"]),
        5: ("day", ["2026-11-20T00:00:00", "2026-11-25T00:00:00"]),
        400: ("day", ["2026-11-20T00:00:00", "2027-12-25T00:00:00"]),
        401: ("month", ["2026-11-01T00:00:00", "2027-12-01T00:00:00"]),
    }
    asked = engine(
        [
            after(seconds, RequestHeaders={"cf-access-user": f"for {days} days"})
            for days in ends
            for seconds in (0, days * 86_400)
        ]
    )

    for days, (bucket, starts) in ends.items():
        activity = reported(asked, f"for {days} days").activity

        assert activity.bucket == bucket
        assert activity.counts == tuple(
            ActivityCount(
                started_at=datetime.fromisoformat(start),
                host="jira.widgetcorp.example",
                requests=1,
            )
            for start in starts
        )


def expected_sessions(times: list[int], gap: int) -> list[tuple[int, int, int]]:
    """The plain model: first, last and count of each session, in microseconds."""
    found: list[list[int]] = []
    for time in sorted(times):
        if found and time - found[-1][-1] <= gap:
            found[-1].append(time)
        else:
            found.append([time])
    return [(session[0], session[-1], len(session)) for session in found]


# Around the gap and around the epoch, where rounding goes wrong first.
TIMES = st.lists(
    st.one_of(
        st.integers(-50, 50),
        st.integers(-20, 20).map(lambda n: n * 10),
        st.integers(-(10**15), 10**15),
    ),
    min_size=1,
    max_size=40,
)


@settings(
    max_examples=min(8, settings().max_examples // 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(TIMES, min_size=2, max_size=6), st.integers(1, 25))
def test_sessions_match_a_simple_model(
    snapshot: Snapshots, users: list[list[int]], gap: int
) -> None:
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC without a zone
    requests = [
        record(
            EdgeStartTimestamp=timestamps.to_text(epoch + timedelta(microseconds=time)),
            RequestHeaders={"cf-access-user": f"user {number}"},
        )
        for number, times in enumerate(users)
        for time in times
    ]
    with open_engine(snapshot(requests), datasets=QUESTIONED) as asked:
        for number, times in enumerate(users):
            rows = asked.run(
                "select in_utc(min(event_time)) as started_at, in_utc(max(event_time)) as ended_at,"
                " count(*) as requests"
                " from sessions_under([$user], null, null, $gap) group by session order by session",
                {"user": f"user {number}", "gap": gap},
                QueryFailed,
            ).records()
            microsecond = timedelta(microseconds=1)
            assert [
                (
                    (row["started_at"] - epoch) // microsecond,
                    (row["ended_at"] - epoch) // microsecond,
                    row["requests"],
                )
                for row in rows
            ] == expected_sessions(times, gap)


def _all_of(user: str) -> dict[str, Any]:
    scope = {"who": [user], "since": None, "until": None, "host": None}
    return {**scope, "access_hosts": [], "access_rules": []}
