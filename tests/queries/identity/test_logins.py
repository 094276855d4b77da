"""Access events of three sources are one list, each event once, and only logins are logins."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from queries.engine import Engine
from queries.errors import QueryRefused
from store.parquet.fingerprint import fingerprint
from store.reading.snapshot import Snapshot
from tests.factories import NOW, login

Record = Mapping[str, Any]
Engines = Callable[..., Engine]
Told = Callable[..., Engine]

ANN = "5c0e1a52-0000-4000-8000-0000000000a1"


def rest(**changes: Any) -> dict[str, Any]:
    """The record of the REST log for the same event as login()."""
    return {**login(), "AppName": "Jira", "Answer": {}, **changes}


def event(**changes: Any) -> dict[str, Any]:
    """The event of GraphQL for the same event as login()."""
    same = login()
    return {
        "AppUUID": same["AppUUID"],
        "Count": 1,
        "Country": "GB",
        "Datetime": same["CreatedAt"],
        "IPAddress": same["IPAddress"],
        "IdentityProvider": "saml",
        "IsSuccessfulLogin": 1,
        "RayID": same["RayID"],
        "UserUID": same["UserUID"],
        **changes,
    }


@pytest.fixture
def told(part: Callable[..., Path], engine: Engines) -> Told:
    """An engine over what the three sources told."""

    def asked(**sources: list[dict[str, Any]]) -> Engine:
        names = {
            "logpush": "access_requests",
            "rest": "access_requests_rest",
            "graphql": "access_login_events",
        }
        files = {names[source]: (part(names[source], *rows),) for source, rows in sources.items()}
        columns = {path: fingerprint(pq.read_schema(path)) for [path] in files.values()}
        return engine(
            Snapshot(
                sequence=1,
                taken_at=NOW,
                files=files,
                columns=columns,
                pending_batches=0,
                lag_seconds=0.0,
            )
        )

    return asked


def logins(asked: Engine, *columns: str, where: str = "logins") -> list[tuple[Any, ...]]:
    shown = ", ".join(columns)
    return sorted(asked.run(f"select {shown} from {where}", {}, QueryRefused).rows, key=repr)


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("login", "login"),
        ("Login", "login"),
        ("logout", "logout"),
        ("warpEnrollment", "enrolment"),
        ("warp_enrolment", "enrolment"),
        ("serviceTokenRefresh", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_the_kind_of_an_event_follows_from_its_action(
    told: Told, action: str | None, kind: str
) -> None:
    asked = told(logpush=[login(Action=action)], rest=[rest(Action=action, RayID="other")])

    assert logins(asked, "event", "action", "source") == [
        (kind, action, "logpush"),
        (kind, action, "rest"),
    ]


def test_an_event_that_every_source_tells_is_there_once(told: Told) -> None:
    late = "2026-11-20T09:50:59.4Z"
    asked = told(
        logpush=[login(Email="Ann@a.example")],
        rest=[rest(Email="ann@a.example", CreatedAt=late)],
        graphql=[event(Datetime="2026-11-20T09:50:58Z")],
    )

    assert logins(asked, "source", "user_id", "application") == [
        ("logpush", "Ann@a.example", "jira.widgetcorp.example/secure")
    ]


def test_what_logpush_sent_twice_is_there_once(told: Told) -> None:
    assert len(logins(told(logpush=[login(), login()]), "ray_id")) == 1


def test_events_that_differ_are_all_there(told: Told) -> None:
    told_once = [
        login(),
        login(Action="logout"),
        login(AppDomain="git.widgetcorp.example"),
        login(CreatedAt="2026-11-20T09:52:59Z"),
        login(Email="other@widgetcorp.example"),
        login(RayID=""),
        login(RayID=""),
    ]

    assert len(logins(told(logpush=told_once), "ray_id")) == len(told_once)


def test_an_event_that_only_graphql_tells_has_the_name_of_its_person(told: Told) -> None:
    asked = told(
        logpush=[
            login(Email="ann.old@a.example", UserUID=ANN, CreatedAt="2026-11-01T09:00:00Z"),
            login(Email="ann@a.example", UserUID=ANN, CreatedAt="2026-11-02T09:00:00Z"),
        ],
        graphql=[
            event(UserUID=ANN, RayID="known", IsSuccessfulLogin=0),
            event(UserUID="nobody knows", RayID="unknown"),
            event(UserUID="", RayID="nobody"),
            event(UserUID=ANN, IdentityProvider="nonidentity", RayID="none"),
            event(UserUID="", ServiceTokenId="token", RayID="token"),
        ],
    )

    found = logins(
        asked,
        "ray_id",
        "event",
        "user_id",
        "allowed",
        "ip",
        where="logins where source = 'graphql'",
    )

    assert found == [
        ("known", "login", "ann@a.example", False, "192.0.2.17"),
        ("nobody", "other", None, True, "192.0.2.17"),
        ("none", "other", "ann@a.example", True, "192.0.2.17"),
        ("token", "other", None, True, "192.0.2.17"),
        ("unknown", "login", None, True, "192.0.2.17"),
    ]


def test_one_ray_of_two_applications_is_two_logins(told: Told) -> None:
    asked = told(
        rest=[rest()], graphql=[event(), event(AppUUID="another"), event(AppUUID="another")]
    )

    assert logins(asked, "app_uuid", "source") == [
        (login()["AppUUID"], "rest"),
        ("another", "graphql"),
    ]


def test_an_event_without_an_application_is_the_login_with_the_same_ray(told: Told) -> None:
    without = told(rest=[rest()], graphql=[event(AppUUID=""), event(AppUUID="", RayID="alone")])
    unknown = told(logpush=[login(AppUUID=None)], graphql=[event()])

    assert logins(without, "source", "ray_id") == [
        ("graphql", "alone"),
        ("rest", login()["RayID"]),
    ]
    assert logins(unknown, "source") == [("logpush",)]


def test_logins_of_some_people_in_a_period(told: Told) -> None:
    asked = told(
        logpush=[
            login(Email="ann@a.example", UserUID=ANN, RayID="1", CreatedAt="2026-11-01T09:00:00Z"),
            login(Email="ann@a.example", UserUID=ANN, RayID="2", CreatedAt="2026-11-02T09:00:00Z"),
            login(Email="bob@a.example", RayID="3", CreatedAt="2026-11-01T09:00:00Z"),
        ],
        graphql=[
            event(UserUID=ANN, RayID="4", Datetime="2026-11-01T10:00:00Z"),
            event(UserUID="unknown", RayID="5", Datetime="2026-11-01T10:00:00Z"),
        ],
    )

    def rays(who: list[str] | None, since: str | None, until: str | None) -> list[str]:
        bound = {
            "who": who,
            "since": since and datetime.fromisoformat(since),
            "until": until and datetime.fromisoformat(until),
        }
        question = (
            "select ray_id from logins_under($who::varchar[], $since::timestamp, $until::timestamp)"
        )
        return sorted(ray for (ray,) in asked.run(question, bound, QueryRefused).rows)

    assert rays(["ann@a.example"], None, None) == ["1", "2", "4"]
    assert rays(["ann@a.example"], "2026-11-01", "2026-11-02T09:00:00") == ["1", "4"]
    assert rays(["ann@a.example", "bob@a.example"], None, "2026-11-01T09:00:01") == ["1", "3"]
    assert rays(None, None, None) == ["1", "2", "3", "4", "5"]
    assert rays([], None, None) == []


def test_an_event_without_a_time_is_in_no_limited_period(told: Told) -> None:
    asked = told(logpush=[login(CreatedAt=None)])
    since = "logins_under(null::varchar[], timestamp '2026-01-01', null::timestamp)"

    assert len(logins(asked, "ray_id")) == 1
    assert logins(asked, "ray_id", where=since) == []
