"""What an application covers, host by host and path by path."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.period import Period
from queries.trail import trail
from store.applications import Application, Held
from store.snapshot import Snapshot
from tests.factories import record

SINCE = datetime(2026, 3, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
DURING = "2026-03-15T12:00:00Z"

Grade = Callable[..., str]


def held(
    *covers: str,
    opens: tuple[str, ...] = (),
    since: datetime = SINCE,
    until: datetime | None = None,
) -> Held:
    told = Application(id="1", name="", type="self_hosted", aud="", covers=covers, opens=opens)
    return Held(told, since, until)


@pytest.fixture
def grade(engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]) -> Grade:
    """The grade of one request, where these versions of applications are known."""

    def graded(url: str, *known: Held, at: str = DURING, **changes: Any) -> str:
        host, slash, path = url.partition("/")
        fields = {"EdgeStartTimestamp": at, "EdgeEndTimestamp": at, **changes}
        sent = record(**{"ClientRequestHost": host, "ClientRequestURI": slash + path, **fields})
        # A host that is protected at all times takes a shorter way; this one is not.
        other = record(
            ClientRequestHost=host, EdgeStartTimestamp="2020-01-01T00:00:00Z", RayID="other"
        )
        grades = set()
        for requests in ([sent], [sent, other]):
            taken = replace(snapshot(requests), applications=known)
            rows = trail(engine(taken), "srhea", Period())
            grades |= {row.identity for row in rows if row.ray_id != "other"}
        (only,) = grades
        return only

    return graded


@pytest.mark.parametrize(
    ("domain", "covered", "not_covered"),
    [
        ("a.example", "a.example/", "b.a.example/"),
        ("a.example", "a.example/any?x=1", "aa.example/"),
        ("A.Example/", "a.example:8443/", "example/"),
        ("a.example/*", "a.example/x", "b.example/x"),
        ("*.a.example", "b.a.example/", "a.example/"),
        ("*.a.example", "b.a.example/x", "c.b.a.example/"),
        ("*test.a.example", "test.a.example/", "beta.test.a.example/"),
        ("*test.a.example", "alphatest.a.example/", "testx.a.example/"),
        ("a.example/eng", "a.example/eng", "a.example/english"),
        ("a.example/eng", "a.example/eng/exec?q=/", "a.example/"),
        ("a.example/eng/*", "a.example/eng/one", "a.example/eng"),
        ("a.example/eng/*", "a.example/eng/one/two", "a.example/eng/"),
        ("a.example/foo*/bar", "a.example/food/stuff/bar", "a.example/food/stuff"),
        ("a.example/a_c", "a.example/a_c", "a.example/abc"),
        ("a.example/50%", "a.example/50%/x", "a.example/500"),
        ("https://a.example:443/x", "a.example/x", "a.example/y"),
    ],
)
def test_a_domain_covers_what_the_documents_say(
    grade: Grade, domain: str, covered: str, not_covered: str
) -> None:
    assert grade(covered, held(domain)) == "access"
    assert grade(not_covered, held(domain)) == "unconfirmed"


@pytest.mark.parametrize(
    "path", ["/eng/../x", "/eng/%2e%2E/x", "/eng//x", "/eng/%2fx", "/eng/\\x", "/eng/.", "/ENG/x"]
)
def test_a_path_that_access_may_have_read_otherwise_fits_no_rule_of_paths(
    grade: Grade, path: str
) -> None:
    assert grade(f"a.example{path}", held("a.example/eng")) == "unconfirmed"
    assert grade(f"a.example{path}", held("a.example")) == "access"


def test_it_vouches_while_it_held(grade: Grade) -> None:
    march = held("a.example", until=SINCE + timedelta(days=31))

    assert grade("a.example/", march, at="2026-02-28T23:59:59Z") == "unconfirmed"
    assert grade("a.example/", march, at="2026-03-01T00:00:00Z") == "access"
    assert grade("a.example/", march, at="2026-03-31T23:59:59Z") == "access"
    assert grade("a.example/", march, at="2026-04-01T00:00:00Z") == "unconfirmed"


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("a.example/", "access"),
        ("a.example/open", "unconfirmed"),
        ("a.example/open/x", "unconfirmed"),
        ("a.example/OPEN/x", "unconfirmed"),
        ("a.example/%6fpen/x", "unconfirmed"),
        ("a.example/x/../open", "unconfirmed"),
        ("a.example/open/inner", "access"),
        ("a.example/opened", "access"),
    ],
)
def test_what_is_left_open_vouches_for_nobody(grade: Grade, url: str, identity: str) -> None:
    known = held("a.example"), held(opens=("a.example/open",)), held("a.example/open/inner")

    assert grade(url, *known) == identity


def test_an_exact_host_decides_before_one_with_a_wildcard(grade: Grade) -> None:
    assert grade("a.example/x", held("*.example/x"), held(opens=("a.example",))) == "unconfirmed"
    assert grade("a.example/x", held("a.example"), held(opens=("*.example/x",))) == "access"


def test_what_was_open_at_another_time_matters_no_more(grade: Grade) -> None:
    before = held(opens=("a.example",), since=SINCE - timedelta(days=9), until=SINCE)

    assert grade("a.example/", before, held("a.example")) == "access"


def test_a_request_without_a_path_fits_no_rule_of_paths(grade: Grade) -> None:
    nothing = {"ClientRequestURI": None, "ClientRequestPath": None}

    assert grade("a.example", held("a.example"), **nothing) == "access"
    assert grade("a.example", held("a.example/x"), **nothing) == "unconfirmed"
