"""The trail: every request of exactly one user, in order, with the grade of its identity."""

from collections.abc import Callable
from typing import Any

import pytest

from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.person import Person
from queries.period import parse_period
from queries.trail import trail
from tests.factories import login, record

Engines = Callable[..., Engine]

# Names that mean something to SQL, to a shell or to nobody.
AWKWARD_NAMES = (
    "' or 1=1 --",
    '"; drop table http_requests; --',
    "%",
    "_",
    "*",
    "s%",
    "$user",
    "{0}",
    "%s",
    "`id`",
    "$(id)",
    "a\nb",
    "a\x00b",
    "Ünï",
    "\u0455rhea",
    "SRHEA",
    " srhea",
    "x" * 10_000,
)


def by(user: str, **changes: Any) -> dict[str, Any]:
    return record(RequestHeaders={"cf-access-user": user}, **changes)


def at(time: str | None, **changes: Any) -> dict[str, Any]:
    return record(EdgeStartTimestamp=time, EdgeEndTimestamp=None, **changes)


def test_a_row_of_a_trail_has_every_logged_value(engine: Engines) -> None:
    request = at(
        "2026-11-20T09:51:07Z",
        ClientCountry="gb",
        ClientRequestReferer="https://a.example/",
        ClientRequestUserAgent="Mozilla/5.0",
        ClientRequestSource="eyeball",
        ParentRayID="00",
    )

    (row,) = trail(engine([request]), Person.only("srhea"))

    assert row.batch_id.startswith("batch-")
    assert {name: getattr(row, name) for name in row.__slots__} == {
        "time": "2026-11-20T09:51:07.000000Z",
        "user_id": "srhea",
        "user_source": "request_header",
        "identity": "unconfirmed",
        "method": "GET",
        "host": "jira.widgetcorp.example",
        "uri": "/browse/EXP-1",
        "status": 200,
        "ip": "192.0.2.17",
        "country": "gb",
        "user_agent": "Mozilla/5.0",
        "referer": "https://a.example/",
        "bytes": 4600,
        "ray_id": "8f0e1d2c3b4a5968",
        "parent_ray_id": "00",
        "source": "eyeball",
        "batch_id": row.batch_id,
        "line_number": 1,
        "received_at": "2026-11-22T10:00:00.000000Z",
        "kind": "page",
        "navigation": "inferred",
        "size_bytes": 4600,
        "direction": "down",
        "content_type": None,
        "folded_into": None,
        "folded_by": None,
        "path_template": "/browse/{key}",
        "route": None,
    }


def test_rows_come_oldest_first_and_ties_in_a_fixed_order(engine: Engines) -> None:
    requests = [
        at("2026-11-20T09:00:02Z", RayID="b"),
        at(None, RayID="z"),
        at("2026-11-20T09:00:01.000001500Z", RayID="a"),
        at("2026-11-20T09:00:02Z", RayID="a"),
        at("2026-11-20T09:00:01.000001400Z", RayID="c"),
        at("2026-11-20T09:00:02Z", RayID="a"),
    ]

    rows = [
        (row.time, row.ray_id, row.line_number)
        for row in trail(engine(requests), Person.only("srhea"))
    ]

    assert rows == [
        ("2026-11-20T09:00:01.000001400Z", "c", 5),
        ("2026-11-20T09:00:01.000001500Z", "a", 3),
        ("2026-11-20T09:00:02.000000Z", "a", 4),
        ("2026-11-20T09:00:02.000000Z", "a", 6),
        ("2026-11-20T09:00:02.000000Z", "b", 1),
        (None, "z", 2),
    ]


def test_a_time_taken_from_the_end_has_the_end_s_nanoseconds(engine: Engines) -> None:
    request = record(EdgeStartTimestamp=None, EdgeEndTimestamp="2026-11-20T09:00:00.000000007Z")

    (row,) = trail(engine([request]), Person.only("srhea"))

    assert row.time == "2026-11-20T09:00:00.000000007Z"


def test_a_name_matches_only_itself(engine: Engines) -> None:
    asked = engine([by(each) for each in ("srhea", "s", "a", "ab", "sxhea", *AWKWARD_NAMES)])

    found = {
        user: [row.user_id for row in trail(asked, Person.only(user))] for user in AWKWARD_NAMES
    }

    assert found == {user: [user] for user in AWKWARD_NAMES}


def test_an_empty_name_is_refused_before_any_query(engine: Engines) -> None:
    with pytest.raises(QueryRefused):
        trail(engine([record()]), Person.only(""))


def test_an_unknown_user_or_host_has_no_rows(engine: Engines) -> None:
    asked = engine([record()])

    assert list(trail(asked, Person.only("nobody"))) == []
    assert list(trail(asked, Person.only("srhe\udce9"))) == []
    assert list(trail(asked, Person.only("srhea"), host="\udce9")) == []


def test_a_period_includes_its_start_and_not_its_end(engine: Engines) -> None:
    times = ["08:59:59.999999", "09:00:00", "09:59:59.999999", "10:00:00"]
    asked = engine([at(f"2026-11-20T{time}Z", RayID=str(n)) for n, time in enumerate(times)])
    period = parse_period("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z")

    assert [row.ray_id for row in trail(asked, Person.only("srhea"), period)] == ["1", "2"]


def test_a_request_without_a_time_is_in_the_open_period_only(engine: Engines) -> None:
    asked = engine([at(None), at("2026-11-20T09:00:00Z")])
    periods = [("", ""), ("2026-01-01", ""), ("", "2027-01-01"), ("2026-01-01", "2027-01-01")]

    found = [
        len(list(trail(asked, Person.only("srhea"), parse_period(*period)))) for period in periods
    ]

    assert found == [2, 1, 1, 1]


def test_a_host_is_compared_without_case_and_port(engine: Engines) -> None:
    logged = ("app.example", "App.Example:8443", "x.app.example", "app.exampl", None)
    asked = engine([record(ClientRequestHost=host) for host in logged])

    for host in ("app.example", "APP.example", "app.example:443", "App.Example:80"):
        found = {row.host for row in trail(asked, Person.only("srhea"), host=host)}
        assert found == {"app.example", "App.Example:8443"}


DOMAINS = {
    "Plain.example": "plain.example",
    "path.example/secure/area": "path.example",
    "https://url.example:443/x": "url.example",
    " spaced.example ": "spaced.example",
    "sub.below.example": "below.example",
    "longer.example.evil": "longer.example",
    "/slash.example": "slash.example",
    "*": "star.example",
    "": "empty.example",
}
# A host in the settings is protected as a whole; a login tells the path too.
KNOWN = {
    "settings": {"plain.example", "path.example", "url.example", "spaced.example"},
    "logins": {"plain.example", "spaced.example"},
}


@pytest.mark.parametrize("source", ["logins", "settings"])
def test_an_identity_is_graded_by_the_applications_that_are_known(
    engine: Engines, source: str
) -> None:
    requests = [record(ClientRequestHost=f"{host.upper()}:8443") for host in DOMAINS.values()]
    logins = [login(AppDomain=domain) for domain in DOMAINS] if source == "logins" else []
    configured = list(DOMAINS) if source == "settings" else []

    rows = trail(engine(requests, logins), Person.only("srhea"), configured_access_hosts=configured)

    graded = {str(row.host).lower().removesuffix(":8443"): row.identity for row in rows}
    assert graded == {
        host: "access" if host in KNOWN[source] else "unconfirmed" for host in DOMAINS.values()
    }


def test_a_request_without_a_host_is_unconfirmed(engine: Engines) -> None:
    (row,) = trail(
        engine([record(ClientRequestHost=None)], [login(AppDomain=None)]), Person.only("srhea")
    )

    assert (row.host, row.identity) == (None, "unconfirmed")


def test_the_path_stands_in_for_a_missing_uri(engine: Engines) -> None:
    (row,) = trail(
        engine([record(ClientRequestURI=None, ClientRequestPath="/only")]), Person.only("srhea")
    )

    assert row.uri == "/only"
