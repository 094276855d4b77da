"""The sessions of everybody and of one person, and the session of a request, agree in SQL and in a report."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.analyst import analyst_sql
from queries.engine import Engine, open_engine
from queries.identity.person import Person
from queries.period import Period
from queries.report.assembly import SESSION_GAP, report
from queries.report.model import Report
from store import timestamps
from store.reading.snapshot import Snapshot
from tests.factories import login, record

START = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - UTC without a zone
JIRA, GIT = "jira.widgetcorp.example", "git.widgetcorp.example"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/142.0.0.0"
MAC_LATER = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_8) AppleWebKit/537.36 Chrome/143.0.1.2"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) Version/19.1 Mobile/15E148"

Row = tuple[Any, ...]


def request(ray: str, minutes: float | None, user: str | None = "srhea", **changes: Any) -> Any:
    time = None if minutes is None else timestamps.to_text(START + timedelta(minutes=minutes))
    return record(
        **{
            "EdgeStartTimestamp": time,
            "EdgeEndTimestamp": time,
            "ClientRequestUserAgent": MAC,
            "RayID": ray,
            "RequestHeaders": {} if user is None else {"cf-access-user": user},
            **changes,
        }
    )


def login_at(ray: str, minutes: float, user: str = "srhea", application: str = JIRA) -> Any:
    time = timestamps.to_text(START + timedelta(minutes=minutes))
    return login(CreatedAt=time, AppDomain=application, Email=user, RayID=ray)


REQUESTS = [
    request("a2", 0),
    request("a1", 0, ClientRequestHost=GIT, ClientCountry="fr", ClientIP="192.0.2.77"),
    request("a3", 12, ClientRequestUserAgent=MAC_LATER, ClientRequestMethod="POST"),
    request("", 13),
    request("a4", 20, ClientRequestUserAgent=PHONE),
    request("b1", 61),
    request("b2", 70, EdgeResponseContentType="application/zip"),
    request("c1", 300),
    request("c1", 400, ClientRequestUserAgent=PHONE),
    request("d1", None),
    request("o1", 5, "other"),
    request("o2", 62, "other"),
    request("n1", 6, None),
    request("n2", 7, "srhea", ClientRequestUserAgent=None),
]
LOGINS = [
    login_at("l1", 60),
    login_at("l2", 65, application=GIT),
    login_at("l3", 61, "other"),
    login_at("l4", 299, "somebody"),
]
COLUMNS = (
    "id, user_id, device, started_by, login, epoch_us(started_at), epoch_us(ended_at), requests,"
    " pages, downloads, changes, bytes, hosts, ips, countries"
)


@pytest.fixture(scope="module")
def asked(snapshot: Callable[..., Snapshot]) -> Iterator[Engine]:
    with open_engine(snapshot(REQUESTS, LOGINS)) as opened:
        yield opened


def rows(asked: Engine, statement: str) -> list[Row]:
    return list(analyst_sql(asked, statement).rows)


def test_each_session_is_one_row(asked: Engine) -> None:
    found = rows(
        asked,
        "select user_id, id, started_by, login, requests, date::varchar from sessions order by all",
    )

    assert found == [
        ("other", "o1", "silence", None, 1, "2026-11-20"),
        ("other", "o2", "login", "l3", 1, "2026-11-20"),
        ("srhea", "a1", "silence", None, 4, "2026-11-20"),
        ("srhea", "a4", "silence", None, 1, "2026-11-20"),
        ("srhea", "b1", "login", "l1", 2, "2026-11-20"),
        ("srhea", "c1", "silence", None, 1, "2026-11-20"),
        ("srhea", "c1", "silence", None, 1, "2026-11-20"),
        ("srhea", "n2", "silence", None, 1, "2026-11-20"),
    ]


def test_a_session_has_its_hosts_addresses_countries_and_kinds(asked: Engine) -> None:
    [found] = rows(
        asked, "select hosts, ips, countries, pages, changes from sessions where id = 'a1'"
    )

    assert found == ([GIT, JIRA], ["192.0.2.17", "192.0.2.77"], ["fr"], 3, 1)


@pytest.mark.parametrize(
    ("since", "until"), [(None, None), (START + timedelta(minutes=5), START + timedelta(hours=5))]
)
def test_the_sessions_of_a_person_are_those_of_a_report(
    asked: Engine, since: datetime | None, until: datetime | None
) -> None:
    told = report(asked, Person.only("srhea"), Period(since, until))
    assert isinstance(told, Report)
    given = ", ".join(
        f"{name} := '{moment}'"
        for name, moment in (("since", since), ("until", until))
        if moment is not None
    )

    found = rows(asked, f"select {COLUMNS} from sessions_of('srhea', {given})".replace(", )", ")"))

    def us(moment: datetime) -> int:
        return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001

    assert [(*row[2:8], row[12], row[13], row[14]) for row in found] == [
        (
            each.device,
            each.started_by,
            each.login_ray_id,
            us(each.started_at),
            us(each.ended_at),
            each.requests,
            list(each.hosts.shown),
            list(each.addresses.shown),
            list(each.countries.shown),
        )
        for each in told.sessions.shown
    ]


def test_the_view_has_the_same_sessions_as_the_macro(asked: Engine) -> None:
    for user in ("srhea", "other", "nobody"):
        view = rows(asked, f"select {COLUMNS} from sessions where user_id = '{user}'")
        assert sorted(view) == sorted(rows(asked, f"select {COLUMNS} from sessions_of('{user}')"))


@pytest.mark.parametrize(
    "requests",
    ["requests where user_id = 'srhea'", "trail('srhea')", "requests_under(['srhea'], null, null)"],
)
def test_each_request_names_its_session(asked: Engine, requests: str) -> None:
    found = rows(
        asked,
        f"select session, login, count(*) from (from {requests}) where event_time is not null"
        " group by all order by all",
    )

    assert found == rows(
        asked,
        "select id, login, sum(requests)::bigint from sessions where user_id = 'srhea'"
        " group by all order by all",
    )


def test_a_request_without_a_user_or_a_time_has_no_session(asked: Engine) -> None:
    assert rows(asked, "select session, login from requests where ray_id in ('d1', 'n1')") == [
        (None, None),
        (None, None),
    ]


def test_a_session_shows_its_requests_in_order(asked: Engine) -> None:
    assert rows(asked, "select ray_id, session, login from session('b1')") == [
        ("b1", "b1", "l1"),
        ("b2", "b1", "l1"),
    ]
    assert [ray for (ray,) in rows(asked, "select ray_id from session('a1')")] == [
        "a1",
        "a2",
        "a3",
        "",
    ]


def test_any_request_of_a_session_names_it(asked: Engine) -> None:
    [(unnamed,)] = rows(
        asked, "select batch_id || ':' || line_number from requests where ray_id = ''"
    )

    for request_id in ("a1", "a2", "a3", unnamed):
        assert len(rows(asked, f"from session('{request_id}')")) == 4
    for nothing in ("", "00", "x", "x:1", ":", "d1", "n1"):
        assert rows(asked, f"from session('{nothing}')") == []


def test_a_session_has_the_columns_of_the_requests(asked: Engine) -> None:
    columns = analyst_sql(asked, "from requests").columns

    assert sorted(analyst_sql(asked, "from session('a1')").columns) == sorted(columns)


def test_the_silence_of_the_views_is_that_of_a_report(asked: Engine) -> None:
    assert rows(asked, "select session_gap()") == [(SESSION_GAP // timedelta(microseconds=1),)]
