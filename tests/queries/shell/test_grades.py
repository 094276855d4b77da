"""The view `requests` grades each name as the commands do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.engine import Engine
from queries.engine_definitions import Offered
from queries.errors import QueryFailed
from queries.identity import access_facts
from queries.identity.access import access
from queries.identity.person import Person
from queries.limits import DEFAULT_LIMITS
from queries.period import Period
from store.files.layout import Layout
from store.reading.shell.content import FactTable
from store.reading.snapshot import Snapshot
from store.registers.application_version import Application, ApplicationVersion
from tests.factories import login, record

USER = "srhea"
MARCH = datetime(2026, 3, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
MOMENTS = [MARCH + timedelta(days=days) for days in (-60, -1, 9, 40, 80)]
# Applications and requests of one world have nothing to do with those of another one.
WORLDS = tuple("pqrstu")
HOSTS = ("a.example", "B.a.example:8443", "c.b.a.example", "other.example")
PATHS = ("/", "/x", "/x/y?z=/open", "/x/../open", "/open", "/open/in", "/50%_", "/cdn-cgi/trace")
DOMAINS = (
    "a.example",
    "a.example/open",
    "a.example/open/in",
    " a.example/x*",
    "a.example/x/*",
    "*.a.example",
    "*.a.example/x",
    "*b.a.example/x/y",
    "https://B.a.example:443/x/",
    "b.a.example/50%_",
    "c.*.a.example",
)
IDS = ("one", "two", "three")
DURATIONS = ("", "24h", "1h30m", "9999h", "soon")
LOGINS = (
    ("b.a.example/x", "one", -1),
    ("*.a.example", "four", -50),
    ("*.a.example", "four", -20),
    ("other.example", None, 9),
    ("a.example", "two", 39),
    ("c.b.a.example/open/", "five", 41),
)


def stamped(moment: datetime) -> dict[str, str]:
    told = f"{moment.isoformat()}Z"
    return {"EdgeStartTimestamp": told, "EdgeEndTimestamp": told}


def of_world(domain: str, world: str) -> str:
    return domain.replace("xample", f"xample{world}")


def requests() -> Iterator[dict[str, Any]]:
    user = {"cf-access-user": USER}
    for host, world, path, moment in product(HOSTS, WORLDS, PATHS, MOMENTS):
        asked = {"ClientRequestHost": of_world(host, world), "ClientRequestURI": path}
        yield record(RequestHeaders=user, **asked, **stamped(moment))
    nothing: dict[str, Any] = {"ClientRequestURI": None, "ClientRequestPath": None}
    yield record(RequestHeaders=user, ClientRequestHost=HOSTS[0], **nothing, **stamped(MARCH))
    yield record(RequestHeaders=user, ClientRequestHost=None, **stamped(MARCH))
    yield record(
        RequestHeaders=user, ClientRequestHost=HOSTS[0], EdgeResponseStatus=302, **stamped(MARCH)
    )
    untimed: dict[str, Any] = {"EdgeStartTimestamp": None, "EdgeEndTimestamp": None}
    yield record(RequestHeaders=user, ClientRequestHost=HOSTS[0], **untimed)


@pytest.fixture(scope="module")
def asked(
    snapshot: Callable[..., Snapshot],
) -> Iterator[Callable[[Sequence[ApplicationVersion], Sequence[str]], Engine]]:
    """An engine for analysts over one store, with applications and hosts of the settings given."""
    sent = [{**each, "RayID": f"{number:016x}"} for number, each in enumerate(requests())]
    logged = [
        login(
            AppDomain=of_world(domain, world),
            AppUUID=application and application + world,
            CreatedAt=f"{(MARCH + timedelta(days=day)).isoformat()}Z",
            RayID=f"{number:016x}",
        )
        for number, ((domain, application, day), world) in enumerate(product(LOGINS, WORLDS))
    ]
    taken = snapshot(sent, logged)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        made = Engine(connection, taken, DEFAULT_LIMITS, Offered())
        made.define_everything()

        def given(held: Sequence[ApplicationVersion], hosts: Sequence[str]) -> Engine:
            made.snapshot = replace(taken, applications=tuple(held))
            for source in (access_facts.APPLICATIONS, access_facts.access_hosts(hosts)):
                rows = source.rows(Layout(Path()), made.snapshot)
                connection.execute(f"DROP TABLE shape.{source.name}")
                FactTable(source.name, source.columns, rows).create(connection)
            return made

        yield given


SAME_GRADE = """
    SELECT * FROM (
        SELECT
            host, uri, event_time,
            identity_of(
                is_let_through, host_key, uri, in_utc(event_time),
                $access_hosts::varchar[], access_rules_of($access_rules)
            ) AS by_commands,
            identity
        FROM requests_under($who::varchar[], $since::timestamp, $until::timestamp)
    )
    WHERE by_commands <> identity OR identity IS NULL
"""


def differences(engine: Engine, period: Period, hosts: Sequence[str]) -> list[dict[str, Any]]:
    known = access(engine, Person.only(USER), period, hosts)
    scope = {"who": [USER], "since": period.since, "until": period.until}
    answer = engine.run(SAME_GRADE, {**scope, **known.parameters()}, QueryFailed)
    return list(answer.records())


@st.composite
def versions(draw: st.DrawFn, world: str) -> ApplicationVersion:
    since = draw(st.just(MOMENTS[0]) | st.sampled_from(MOMENTS))
    later = [each for each in MOMENTS if each > since]
    places = st.lists(st.sampled_from(DOMAINS).map(lambda each: of_world(each, world)), max_size=2)
    told = Application(
        id=draw(st.sampled_from(IDS)) + world,
        name="",
        type="self_hosted",
        aud="",
        covers=tuple(draw(places)),
        opens=tuple(draw(places)),
        session_duration=draw(st.sampled_from(DURATIONS)),
    )
    until = draw(st.none() | st.sampled_from(later)) if later else None
    return ApplicationVersion(told, since, until, draw(st.none() | st.sampled_from(MOMENTS)))


@st.composite
def applications(draw: st.DrawFn) -> list[ApplicationVersion]:
    """Of all worlds; in some, only logins tell of applications."""
    return [each for world in WORLDS for each in draw(st.lists(versions(world), max_size=3))]


@settings(max_examples=12)
@given(
    held=applications() | st.just([]),
    hosts=st.lists(
        st.sampled_from(["Other.examplep/x", " ", "https://b.a.exampleq:1"]), max_size=1
    ),
    ends=st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2, unique=True) | st.none(),
)
def test_a_request_has_the_grade_that_the_commands_give_it(
    asked: Callable[..., Engine],
    held: Sequence[ApplicationVersion],
    hosts: Sequence[str],
    ends: Sequence[datetime] | None,
) -> None:
    period = Period(*sorted(ends)) if ends else Period()

    assert differences(asked(held, hosts), period, hosts) == []


def test_a_public_path_beside_a_protected_one_confirms_no_name(
    asked: Callable[..., Engine],
) -> None:
    """Where nothing is listed, a login tells what its application covered, and nothing more."""
    question = """
        SELECT uri, identity FROM requests
        WHERE host = 'B.a.examplep:8443' AND event_time = '2026-02-28T00:00:00Z'
    """
    found = dict(asked([], []).run(question, {}, QueryFailed).rows)

    assert (found["/x"], found["/open"]) == ("access", "unconfirmed")


def test_the_grade_keeps_a_question_from_no_saving(asked: Callable[..., Engine]) -> None:
    """DuckDB leaves out the folding of requests where an answer does not need it."""
    question = "EXPLAIN SELECT {0}, count(*) FROM requests GROUP BY {0}"

    def plan(column: str) -> str:
        return str(list(asked([], []).run(question.format(column), {}, QueryFailed).rows))

    assert "lead(" in plan("folded_by").lower()
    assert "lead(" not in plan("identity").lower()
