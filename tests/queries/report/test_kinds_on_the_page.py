"""The kinds of a report add up to its requests, and every request is shown or counted."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.engine import QUESTIONED, Engine, open_engine
from queries.outputs.html.page import report_html
from queries.outputs.json_out import report_object
from queries.outputs.terminal_report import show_report
from queries.report.kind_words import kind_nouns
from queries.report.kinds import KINDS
from store.reading.snapshot import Snapshot
from tests.queries.outputs.test_outputs import printed
from tests.queries.report.reports import after, reported

Engines = Callable[..., Engine]
Snapshots = Callable[..., Snapshot]

HOST = "https://jira.widgetcorp.example"
BROWSER = "Mozilla/5.0 (Macintosh) Chrome/142.0.0.0"

SENT: dict[str, st.SearchStrategy[Any]] = {
    "ClientRequestMethod": st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS", "", None]),
    "ClientRequestURI": st.sampled_from(["/", "/a", "/a.css", "/a.zip", "/api/v1/x", "/graphql"]),
    "ClientRequestReferer": st.sampled_from([f"{HOST}/", f"{HOST}/a", "", None]),
    "ClientRequestSource": st.sampled_from(["eyeball", "edgeWorkerFetch", ""]),
    "ClientRequestUserAgent": st.sampled_from([BROWSER, "curl/8.16.0", "", None]),
    "ClientRequestBytes": st.sampled_from([None, 0, 700]),
    "EdgeResponseContentType": st.sampled_from(
        ["text/html", "application/json", "text/css", "application/zip", "video/mp4", "", None]
    ),
    "EdgeResponseStatus": st.sampled_from([200, 206, 304, 403, 404, 500, None]),
    "EdgeResponseBytes": st.sampled_from([None, 0, 4_600, 10**9]),
    "ParentRayID": st.sampled_from(["00", "", "8f0e1d2c3b4a5968", "b"]),
    "RayID": st.sampled_from(["8f0e1d2c3b4a5968", "a", "b", "c", "", "00", None]),
}
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "sec-fetch-dest": st.sampled_from(["document", "empty", "image", "iframe"]),
        "sec-fetch-mode": st.sampled_from(["navigate", "cors", "no-cors"]),
        "sec-purpose": st.sampled_from(["prefetch", "prefetch;prerender"]),
    },
)
SECONDS = st.integers(0, 9_000)
REQUESTS = st.lists(
    st.tuples(SECONDS, st.fixed_dictionaries({}, optional=SENT), HEADERS), min_size=1, max_size=25
)


@settings(
    max_examples=min(5, settings().max_examples // 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(REQUESTS)
def test_the_kinds_add_up_to_the_requests_on_every_output(
    snapshot: Snapshots, requests: list[tuple[int, dict[str, Any], dict[str, str]]]
) -> None:
    records = [
        after(seconds, **sent, RequestHeaders={"cf-access-user": "srhea", **headers})
        for seconds, sent, headers in requests
    ]
    with open_engine(snapshot(records), datasets=QUESTIONED) as asked:
        found = reported(asked)

    page = unescape(report_html(found).decode())
    text = printed(lambda console: show_report(found, console))
    document = orjson.loads(report_object(found))

    counts = {each.kind: each.requests for each in found.kinds.by_kind}
    assert set(counts) == set(KINDS)
    assert sum(counts.values()) == found.totals.requests == len(records)
    for kind in KINDS:
        cells = rf'<th scope="row">{kind_nouns(kind)}</th><td class="n">(\d+)</td>'
        assert re.findall(cells, page) == [str(counts[kind])]
        assert re.search(rf"^{kind_nouns(kind)} +{counts[kind]} ", text, re.MULTILINE)
    together = len(records)
    assert f'<th scope="row">Together</th><td class="n">{together}</td>' in page
    assert re.search(rf"^together: {together} request", text, re.MULTILINE)
    assert sum(each["requests"] for each in document["kinds"]["by_kind"]) == together


@settings(
    max_examples=min(5, settings().max_examples // 5),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(REQUESTS)
def test_every_request_is_a_step_or_is_folded_under_one(
    snapshot: Snapshots, requests: list[tuple[int, dict[str, Any], dict[str, str]]]
) -> None:
    records = [
        after(seconds, **sent, RequestHeaders={"cf-access-user": "srhea", **headers})
        for seconds, sent, headers in requests
    ]
    with open_engine(snapshot(records), datasets=QUESTIONED) as asked:
        found = reported(asked)

    sessions = found.sessions.shown
    assert sum(session.requests for session in sessions) == len(records)
    for session in sessions:
        assert session.kinds.requests == session.requests
        assert sum(step.times for step in session.steps) == session.requests_unfolded
        assert session.requests_not_shown == 0
    # A request may be folded under one of an earlier session.
    under = sum(step.requests_folded for session in sessions for step in session.steps)
    assert under == found.kinds.requests_folded
