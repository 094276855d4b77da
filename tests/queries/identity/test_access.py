"""What an application covers, host by host and path by path."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.identity.person import Person
from queries.period import Period
from queries.report.assembly import report
from queries.report.model import Report
from queries.trail import trail
from store.reading.snapshot import Snapshot
from store.registers.application_version import Application, ApplicationVersion
from tests.factories import record

SINCE = datetime(2026, 3, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
DURING = "2026-03-15T12:00:00Z"

Grades = Callable[..., list[str]]


def held(
    *covers: str,
    opens: tuple[str, ...] = (),
    since: datetime = SINCE,
    until: datetime | None = None,
    number: int = 1,
) -> ApplicationVersion:
    told = Application(
        id=str(number), name="", type="self_hosted", aud="", covers=covers, opens=opens
    )
    return ApplicationVersion(told, since, until)


@pytest.fixture
def grades(engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]) -> Grades:
    """The grades of requests, where these versions of applications are known."""

    def graded(*requests: dict[str, Any], known: Sequence[ApplicationVersion]) -> list[str]:
        sent = [{**each, "RayID": f"{number:016x}"} for number, each in enumerate(requests)]
        # A host that is protected at all times takes a shorter way; with these, none is.
        others = [{**each, **times("2020-01-01T00:00:00Z"), "RayID": "other"} for each in sent]
        found = []
        for records in (sent, [*sent, *others]):
            taken = replace(snapshot(records), applications=tuple(known))
            rows = trail(engine(taken), Person.only("srhea"), Period())
            found.append({row.ray_id: row.identity for row in rows if row.ray_id != "other"})
        assert found[0] == found[1]
        return [found[0][each["RayID"]] for each in sent]

    return graded


def times(at: str) -> dict[str, str]:
    return {"EdgeStartTimestamp": at, "EdgeEndTimestamp": at}


def at_url(url: str, at: str = DURING, **changes: Any) -> dict[str, Any]:
    host, slash, path = url.partition("/")
    asked = {"ClientRequestHost": host, "ClientRequestURI": slash + path}
    return record(**{**asked, **times(at), **changes})


# A domain, a URL it covers and one it does not.
DOMAINS = [
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
]


def test_a_domain_covers_the_hosts_and_paths_that_the_documentation_names(grades: Grades) -> None:
    """All in one store, each domain under a top level of its own where no other covers anything."""
    apart = [
        [text.replace("xample", f"xample{number}") for text in each]
        for number, each in enumerate(DOMAINS)
    ]
    known = [held(domain, number=number) for number, (domain, _, _) in enumerate(apart)]

    found = iter(grades(*[at_url(url) for _, *urls in apart for url in urls], known=known))

    judged = {domain: (next(found), next(found)) for domain, _, _ in apart}
    assert judged == dict.fromkeys(judged, ("access", "unconfirmed"))


CROOKED = ("/eng/../x", "/eng/%2e%2E/x", "/eng//x", "/eng/%2fx", "/eng/\\x", "/eng/.", "/ENG/x")


def test_an_ambiguous_path_matches_no_path_rule(grades: Grades) -> None:
    requests = [at_url(f"a.example{path}") for path in CROOKED]

    assert set(grades(*requests, known=[held("a.example/eng")])) == {"unconfirmed"}
    assert set(grades(*requests, known=[held("a.example")])) == {"access"}


def test_an_application_confirms_users_while_it_is_in_effect(grades: Grades) -> None:
    march = held("a.example", until=SINCE + timedelta(days=31))
    moments = (
        "2026-02-28T23:59:59Z",
        "2026-03-01T00:00:00Z",
        "2026-03-31T23:59:59Z",
        "2026-04-01T00:00:00Z",
    )

    found = grades(*[at_url("a.example/", at=each) for each in moments], known=[march])

    assert found == ["unconfirmed", "access", "access", "unconfirmed"]


LEFT_OPEN = {
    "a.example/": "access",
    "a.example/open": "unconfirmed",
    "a.example/open/x": "unconfirmed",
    "a.example/OPEN/x": "unconfirmed",
    "a.example/%6fpen/x": "unconfirmed",
    "a.example/x/../open": "unconfirmed",
    "a.example/open/inner": "access",
    "a.example/opened": "access",
}


def test_paths_without_a_login_confirm_no_user(grades: Grades) -> None:
    known = held("a.example"), held(opens=("a.example/open",)), held("a.example/open/inner")

    found = grades(*[at_url(url) for url in LEFT_OPEN], known=known)

    assert dict(zip(LEFT_OPEN, found, strict=True)) == LEFT_OPEN


def test_an_exact_host_decides_before_one_with_a_wildcard(grades: Grades) -> None:
    request = at_url("a.example/x")

    assert grades(request, known=[held("*.example/x"), held(opens=("a.example",))]) == [
        "unconfirmed"
    ]
    assert grades(request, known=[held("a.example"), held(opens=("*.example/x",))]) == ["access"]


def test_a_path_that_was_open_earlier_is_protected_now(grades: Grades) -> None:
    before = held(opens=("a.example",), since=SINCE - timedelta(days=9), until=SINCE)

    assert grades(at_url("a.example/"), known=[before, held("a.example")]) == ["access"]


def test_a_request_without_a_path_matches_no_path_rule(grades: Grades) -> None:
    nothing: dict[str, Any] = {"ClientRequestURI": None, "ClientRequestPath": None}
    whole, part = at_url("a.example", **nothing), at_url("b.example", **nothing)

    found = grades(whole, part, known=[held("a.example"), held("b.example/x")])

    assert found == ["access", "unconfirmed"]


def test_nobody_checks_a_name_on_a_path_that_cloudflare_answers_itself(grades: Grades) -> None:
    asked = [at_url("a.example/cdn-cgi/trace"), at_url("a.example/cdn-cgi"), at_url("a.example/x")]

    assert grades(*asked, known=[held("a.example")]) == ["unconfirmed", "access", "access"]


def test_a_host_stays_confirmed_beside_calls_of_cloudflares_scripts(
    engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]
) -> None:
    asked = [
        at_url(url, RayID=f"{number:016x}")
        for number, url in enumerate(
            ("a.example/x", "a.example/cdn-cgi/rum", "b.example/cdn-cgi/rum")
        )
    ]
    known = (held("a.example"), held("b.example"))

    found = report(engine(replace(snapshot(asked), applications=known)), Person.only("srhea"))

    assert isinstance(found, Report)
    grades = {use.value: use.identity for use in found.hosts.shown}
    assert grades == {"a.example": "access", "b.example": "unconfirmed"}


FORGED: dict[str, Any] = {"EdgeResponseStatus": 302, "OriginResponseStatus": 0}

NOT_LET_THROUGH: dict[str, dict[str, Any]] = {
    "sent to the login": FORGED,
    "sent to https": {**FORGED, "EdgeResponseStatus": 301},
    "refused by Access": {**FORGED, "EdgeResponseStatus": 403},
    "asked for a session": {**FORGED, "EdgeResponseStatus": 401},
    "refused by a rate limit": {**FORGED, "EdgeResponseStatus": 429},
    "refused, and nothing tells by whom": {"EdgeResponseStatus": 403},
    "redirected, and nothing tells by whom": {"EdgeResponseStatus": 302},
    "refused before the cache": {"EdgeResponseStatus": 403, "CacheCacheStatus": "dynamic"},
    "refused before a Worker": {"EdgeResponseStatus": 403, "WorkerStatus": "unknown"},
    "blocked with a status of its own": {"EdgeResponseStatus": 404, "SecurityAction": "block"},
    "challenged": {"EdgeResponseStatus": 503, "SecurityAction": "managed_challenge"},
    "a preflight": {"ClientRequestMethod": "OPTIONS", "OriginResponseStatus": 204},
}

LET_THROUGH: dict[str, dict[str, Any]] = {
    "a page": {},
    "a page without a status": {"EdgeResponseStatus": None},
    "a page that the client has": {"EdgeResponseStatus": 304},
    "not found, and nothing tells by whom": {"EdgeResponseStatus": 404},
    "an origin that could not be reached": {**FORGED, "EdgeResponseStatus": 522},
    "refused by the origin": {"EdgeResponseStatus": 403, "OriginResponseStatus": 403},
    "redirected by the origin": {"EdgeResponseStatus": 302, "OriginResponseStatus": 302},
    "redirected by the cache": {**FORGED, "CacheCacheStatus": "hit"},
    "refused by a Worker": {**FORGED, "EdgeResponseStatus": 403, "WorkerStatus": "ok"},
    "a rule that let it pass": {"SecurityAction": "managedChallengeBypassed"},
}


def test_a_name_on_a_request_that_was_not_let_through_is_unconfirmed(grades: Grades) -> None:
    """Nobody overwrote the name that the client sent."""
    asked = {**NOT_LET_THROUGH, **LET_THROUGH}

    found = grades(
        *[at_url("a.example/x", **each) for each in asked.values()], known=[held("a.example")]
    )

    assert dict(zip(asked, found, strict=True)) == {
        **dict.fromkeys(NOT_LET_THROUGH, "unconfirmed"),
        **dict.fromkeys(LET_THROUGH, "access"),
    }


def test_a_report_marks_a_forged_name_that_access_refused(
    engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]
) -> None:
    own: dict[str, Any] = {"EdgeResponseStatus": 403, "OriginResponseStatus": 403}
    asked = [
        at_url("a.example/own", RayID="own", ClientRequestMethod="POST", **own),
        at_url("b.example/forged", RayID="forged", ClientRequestMethod="POST", **FORGED),
    ]
    known = (held("a.example"), held("b.example"))

    found = report(engine(replace(snapshot(asked), applications=known)), Person.only("srhea"))

    assert isinstance(found, Report)
    right = {"a.example": "access", "b.example": "unconfirmed"}
    assert {use.value: use.identity for use in found.hosts.shown} == right
    assert {act.host: act.identity for act in found.changes.shown} == right
    steps = [step for session in found.sessions.shown for step in session.steps]
    assert {step.host: step.identity for step in steps} == right
