"""What holds for any requests: one kind each, and folds that lead to a request that is not folded."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from queries.engine import QUESTIONED, Engine, open_engine
from queries.errors import QueryFailed
from store.reading.snapshot import Snapshot
from tests.factories import record
from tests.queries.requests.browsing import BROWSER, HOST

Snapshots = Callable[..., Snapshot]

START = datetime(2026, 11, 20, 9)  # noqa: DTZ001 (UTC without a zone, as in the store)
# Of some fifteen requests each.
EXAMPLES = 25
KINDS = {"page", "download", "change", "api", "program", "asset", "prefetch"}

paths = st.sampled_from(
    ["/", "/a", "/b?x=1", "/a.zip", "/x.css", "/api/v1/x", "/browse/EXP-1", None]
)
referers = paths.map(lambda path: None if path is None else f"https://{HOST}{path}")
rays = st.sampled_from(["", "00", None, "r1", "r2", "r3", "r4", "r5", "r6"])
headers = st.fixed_dictionaries(
    {},
    optional={
        "cf-access-user": st.sampled_from(["srhea", "other"]),
        "sec-fetch-dest": st.sampled_from(
            ["document", "empty", "iframe", "image", "video", "x", ""]
        ),
        "sec-fetch-mode": st.sampled_from(["navigate", "cors", "no-cors", "websocket", ""]),
        "sec-fetch-user": st.just("?1"),
        "sec-purpose": st.sampled_from(["prefetch", "prefetch;prerender", "x"]),
    },
)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A record with nearly anything in the fields that decide."""
    uri = draw(paths)
    seconds = draw(st.sampled_from([0, 0, 1, 20, 40, 3600, 9 * 3600, None]))
    seen = None if seconds is None else (START + timedelta(seconds=seconds)).isoformat() + "Z"
    types = ["text/html", "application/json", "application/zip", "text/css", "video/mp4", "", None]
    return record(
        ClientRequestMethod=draw(
            st.sampled_from(["GET", "GET", "GET", "POST", "HEAD", "X", "", None])
        ),
        ClientRequestURI=uri,
        ClientRequestPath=uri and uri.partition("?")[0],
        ClientRequestHost=draw(st.sampled_from([HOST, HOST, "b.example", None])),
        ClientRequestReferer=draw(referers),
        ClientRequestUserAgent=draw(st.sampled_from([BROWSER, BROWSER, "curl/8", "", None])),
        ClientRequestSource=draw(st.sampled_from(["eyeball", "eyeball", "edgeWorkerFetch", None])),
        EdgeResponseContentType=draw(st.sampled_from(types)),
        EdgeResponseStatus=draw(st.sampled_from([200, 200, 206, 206, 302, 304, 403, 101, None])),
        EdgeResponseBytes=draw(st.sampled_from([10, 20_000_000, None])),
        EdgeStartTimestamp=seen,
        EdgeEndTimestamp=seen,
        RayID=draw(rays),
        ParentRayID=draw(rays),
        WorkerSubrequest=draw(st.sampled_from([True, False, False, None])),
        RequestHeaders=draw(headers),
        ResponseHeaders=draw(
            st.sampled_from([{}, {}, {"content-disposition": "attachment"}, {"content-type": "x"}])
        ),
    )


# Each example writes a file and opens an engine, which takes half a second.
@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=30))
def test_any_requests_are_of_one_kind_and_folded_once(
    snapshot: Snapshots, records: list[dict[str, Any]]
) -> None:
    with open_engine(snapshot(records), datasets=QUESTIONED) as asked:
        rows = list(
            asked.run(
                "select coalesce(nullif(nullif(ray_id, ''), '00'), batch_id || ':' || line_number),"
                " user_id, kind, folded_into, folded_by, navigation, route"
                " from requests_under(null, null, null)",
                {},
                QueryFailed,
            ).rows
        )

    assert len(rows) == len(records)
    kept = {(user, told) for told, user, _, into, *_ in rows if into is None}
    for _, user, kind, into, by, navigation, route in rows:
        assert kind in KINDS
        assert (into is None) == (by is None)
        assert into is None or (user, into) in kept
        assert (
            into is None
            or kind in {"api", "asset", "program", "prefetch"}
            or (kind == "download" and by == "resumed")
        )
        assert (kind in {"page", "prefetch"}) == (navigation is not None)
        assert route is None or (into is None and kind in {"api", "asset"})


def plan(asked: Engine, question: str, user: str) -> dict[str, Any]:
    rows = asked.run(f"explain (analyze, format json) {question}", {"user": user}, QueryFailed).rows
    found: dict[str, Any] = json.loads(next(rows)[1])
    return found


def nodes(plan: Any, kind: str) -> list[dict[str, Any]]:
    """The nodes of a plan of one kind."""
    below = [
        node
        for each in plan.get("children", plan.get("operator", ()))
        for node in nodes(each, kind)
    ]
    return [plan, *below] if plan.get("type") == kind else below


PLAIN = "select {} from requests where user_id = $user"
OF_USER = "select {} from requests_under([$user], timestamp '2026-11-20', timestamp '2026-11-21')"


@pytest.mark.parametrize("question", [PLAIN, OF_USER])
@pytest.mark.parametrize("columns", ["kind, folded_into, route", "kind, session, login"])
def test_only_the_rows_of_one_user_reach_the_windows(
    snapshot: Snapshots, question: str, columns: str
) -> None:
    users = Counter(one=3, two=50, three=60)
    taken = snapshot([record(RequestHeaders={"cf-access-user": user}) for user in users.elements()])

    with open_engine(taken) as asked:
        found = plan(asked, question.format(columns), "one")

    assert nodes(found, "WINDOW")
    for scan in nodes(found, "TABLE_SCAN"):
        assert scan["intermediate_rows"] <= users["one"]
    for window in nodes(found, "WINDOW"):
        assert window["intermediate_rows"] <= users["one"]


@pytest.mark.parametrize("question", [PLAIN, OF_USER])
def test_a_question_that_asks_for_no_fold_compares_no_requests(
    snapshot: Snapshots, question: str
) -> None:
    with open_engine(snapshot([record()])) as asked:
        found = plan(asked, question.format("kind, count(*)") + " group by kind", "srhea")

    assert not nodes(found, "WINDOW")
    # What names are graded by is read too: DuckDB leaves out no subquery.
    scans = [str(scan["extra_info"]) for scan in nodes(found, "TABLE_SCAN")]
    assert sum("ClientRequestMethod" in scan for scan in scans) == 1


@pytest.mark.parametrize("question", [PLAIN, OF_USER])
def test_a_count_finds_folds_or_sessions_only_if_it_asks_for_them(
    snapshot: Snapshots, question: str
) -> None:
    """DuckDB 2.0 would leave out only one of two joins in a row."""
    with open_engine(snapshot([record()])) as asked:
        found = [
            str(plan(asked, question.format(f"kind, count({column})") + " group by kind", "srhea"))
            for column in ("folded_by", "session", "*")
        ]

    # Folds are found by the Referer, and sessions by what was heard of each device.
    assert [("ClientRequestReferer" in each, "'heard'" in each) for each in found] == [
        (True, False),
        (False, True),
        (False, False),
    ]


def test_our_own_questions_find_no_sessions(snapshot: Snapshots) -> None:
    with open_engine(snapshot([record()]), datasets=QUESTIONED) as asked:
        found = str(plan(asked, OF_USER.format("*"), "srhea"))

    assert "ClientRequestReferer" in found
    assert "'heard'" not in found


@pytest.mark.parametrize(
    "condition",
    [
        "event_time < '2026-11-20'",
        "date < '2026-11-20'",
        "status > 502",
        "ray_id = 'y'",
        "ip > 'a'",
    ],
)
def test_a_condition_on_the_requests_is_applied_to_the_file(
    snapshot: Snapshots, condition: str
) -> None:
    time = "2026-11-19T09:51:07Z"
    other = record(RayID="y", ClientIP="b", EdgeResponseStatus=503, EdgeStartTimestamp=time)
    taken = snapshot([record(), {**other, "EdgeEndTimestamp": time}])
    question = f"select kind, count(*) from requests where {condition} and user_id = $user"

    with open_engine(taken) as asked:
        found = plan(asked, f"{question} group by kind", "srhea")

    [read] = [each for each in nodes(found, "TABLE_SCAN") if "EdgeResponse" in str(each)]
    assert read["intermediate_rows"] == 1
