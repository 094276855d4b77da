"""Requests are folded under the page, the download or the request that they belong to."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from queries.engine import Engine
from queries.errors import QueryFailed
from store.parquet.fingerprint import fingerprint
from store.reading.snapshot import Snapshot
from tests.queries.requests.browsing import HOST, asked

Engines = Callable[..., Engine]
Parts = Callable[..., Path]

START = datetime(2026, 11, 20, 9)  # noqa: DTZ001 (UTC without a zone, as in the store)
HOUR = 3600.0


def at(seconds: float) -> dict[str, str]:
    """The times of a record so many seconds after START."""
    told = (START + timedelta(seconds=seconds)).isoformat() + "Z"
    return {"EdgeStartTimestamp": told, "EdgeEndTimestamp": told}


def page(ray: str, uri: str, seconds: float, **more: Any) -> Any:
    sent = {"dest": "document", "mode": "navigate", **more}
    return asked("GET", uri, "text/html", RayID=ray, **at(seconds), **sent)


def of_page(ray: str, referer: str, seconds: float, uri: str = "/rest/x", **more: Any) -> Any:
    """What a page loads; `referer` is a path, or a whole URL."""
    sent = {"dest": "empty", "mode": "cors", **more}
    whole = referer if "://" in referer or not referer else f"https://{HOST}{referer}"
    answer = sent.pop("content_type", "application/json")
    return asked("GET", uri, answer, RayID=ray, ClientRequestReferer=whole, **at(seconds), **sent)


def piece(ray: str, seconds: float, status: int = 206, **more: Any) -> Any:
    told = {"EdgeResponseBytes": 1000, **more}
    return asked("GET", "/a.zip", "application/zip", status, RayID=ray, **at(seconds), **told)


def folds(
    engine: Engine, *columns: str, period: Sequence[str | None] = (None, None)
) -> dict[str, Any]:
    """The asked columns by Ray ID."""
    names = ", ".join(columns or ("folded_into", "folded_by"))
    question = (
        f"select ray_id, {names} from requests_under(null, $since::timestamp, $until::timestamp)"
    )
    scope = dict(zip(("since", "until"), period, strict=True))
    rows = engine.run(question, scope, QueryFailed).rows
    return {ray: values[0] if len(values) == 1 else values for ray, *values in rows}


def test_what_a_page_loads_is_folded_under_its_last_view(engine: Engines) -> None:
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                page("p2", "/b", 10),
                of_page("r1", "/a", 20),
                page("p3", "/a", 30),
                of_page("r2", "/a", 40),
                of_page("r3", "/b", 7 * HOUR),
                of_page("r4", "/b", 9 * HOUR, dest="image", content_type="image/png"),
                page("p4", "/b", 41, user="other"),
            ]
        )
    )

    assert told["r1"] == ["p1", "referer"]
    assert told["r2"] == ["p3", "referer"]
    assert told["r3"] == ["p2", "referer"]
    assert [told[name] for name in ("p1", "p2", "p3", "p4")] == [[None, None]] * 4


def test_without_a_referer_a_page_of_the_last_thirty_seconds_is_taken(engine: Engines) -> None:
    other = {"ClientRequestHost": "static.widgetcorp.example"}
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                of_page("near", "", 30),
                of_page("late", "", 30.001),
                of_page("elsewhere", "", 5, **other),
                # A browser may tell another host only where the page was, not which.
                of_page("cross", f"https://{HOST}/", 5, **other),
                of_page(
                    "font", "/site.css", 5, uri="/f.woff2", content_type="font/woff2", dest="font"
                ),
                of_page("device", "", 5, agent="Mozilla/5.0 (Linux; Android 16)"),
            ]
        )
    )

    assert told["near"] == told["cross"] == told["font"] == ["p1", "time"]
    assert told["late"] == told["elsewhere"] == told["device"] == [None, None]


def test_equal_times_of_a_page_and_its_parts_are_no_matter(engine: Engines) -> None:
    told = folds(engine([of_page("a", "/a", 0), of_page("z", "", 0), page("m", "/a", 0)]))

    assert told == {"a": ["m", "referer"], "z": ["m", "time"], "m": [None, None]}


def test_a_frame_and_what_it_loads_belong_to_the_page(engine: Engines) -> None:
    frame = {"dest": "iframe", "mode": "navigate", "content_type": "text/html"}
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                of_page("f1", "/a", 40, uri="/frame", **frame),
                of_page("r1", "/frame", 41),
            ]
        ),
        "folded_into",
        "folded_by",
        "route",
    )

    assert told["f1"] == ["p1", "referer", None]
    assert told["r1"] == [None, None, None]


def test_downloads_changes_and_tools_are_never_folded(engine: Engines) -> None:
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                piece("d1", 1, 200, ClientRequestReferer=f"https://{HOST}/a"),
                asked("POST", "/x", "application/json", RayID="c1", **at(2)),
                asked("GET", "/api/x", "application/json", RayID="t1", agent="curl/8", **at(3)),
            ]
        )
    )

    assert told["d1"] == told["c1"] == told["t1"] == [None, None]


def test_the_page_that_answers_a_form_has_parts(engine: Engines) -> None:
    form = asked("POST", "/login", "text/html", RayID="c1", **at(0))
    sent_on = asked("POST", "/go", "text/html", 302, RayID="c2", **at(1))

    told = folds(engine([form, sent_on, of_page("r1", "/login", 60), of_page("r2", "", 5)]))

    assert told["r1"] == ["c1", "referer"]
    assert told["r2"] == ["c1", "time"]


def test_a_subrequest_is_folded_under_what_started_it(engine: Engines) -> None:
    child: dict[str, Any] = {"ParentRayID": "r1", "WorkerSubrequest": True}
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                of_page("r1", "/a", 1),
                asked("POST", "/inner", "application/json", RayID="s1", **child, **at(2)),
                asked("POST", "/c", "application/json", RayID="c1", **at(3)),
                asked("GET", "/x", None, RayID="s2", **{**child, "ParentRayID": "c1"}, **at(2)),
                asked("GET", "/x", None, RayID="s3", **{**child, "ParentRayID": "gone"}, **at(2)),
                asked("GET", "/x", None, RayID="s4", **{**child, "ParentRayID": "00"}, **at(2)),
            ]
        )
    )

    assert told["s1"] == ["p1", "parent_ray"], "the request's page, not the request"
    assert told["s2"] == ["c1", "parent_ray"]
    assert told["s3"] == told["s4"] == [None, None]


def test_the_pieces_of_a_download_are_one_download_with_their_bytes(engine: Engines) -> None:
    told = folds(
        engine(
            [
                piece("d1", 0, 200),
                piece("d2", 60),
                piece("d3", 7 * HOUR),
                piece("d4", 20 * HOUR),
                piece("d5", 20 * HOUR + 1),
                piece("again", 21 * HOUR, 200),
                piece("device", 61, agent="Mozilla/5.0 (Linux; Android 16)"),
                asked("GET", "/b.zip", "application/zip", RayID="other", **at(61)),
            ]
        ),
        "folded_into",
        "folded_by",
        "total_bytes",
    )

    assert told["d1"] == [None, None, 3000]
    assert told["d2"] == told["d3"] == ["d1", "resumed", 1000]
    assert (told["d4"], told["d5"]) == ([None, None, 2000], ["d4", "resumed", 1000])
    assert told["again"] == told["device"] == [None, None, 1000]


def test_a_page_fetched_ahead_counts_as_viewed_once_it_loads_something(engine: Engines) -> None:
    ahead = {"purpose": "prefetch"}
    told = folds(
        engine(
            [
                page("p1", "/a", 0),
                page("v1", "/b", 10, ClientRequestReferer=f"https://{HOST}/a", **ahead),
                page("n1", "/c", 10, ClientRequestReferer=f"https://{HOST}/a", **ahead),
                page("n2", "/d", 100, ClientRequestReferer=f"https://{HOST}/a", **ahead),
                of_page("r1", "/b", 60),
                of_page("r2", "/b", 2 * HOUR),
                # A part of a page that was open before does not show that it was viewed again.
                page("n3", "/a", 60, ClientRequestReferer=f"https://{HOST}/a", **ahead),
                of_page("r3", "/a", 61),
                page("late", "/e", 0, **ahead),
                of_page("r4", "/e", 301),
            ]
        ),
        "navigation",
        "folded_into",
        "folded_by",
    )

    assert told["v1"] == ["prefetch_then_viewed", None, None]
    assert told["r1"] == told["r2"] == [None, "v1", "referer"]
    assert told["n1"] == told["n2"] == told["n3"] == ["prefetch", "p1", "referer"]
    assert told["r3"] == [None, "p1", "referer"]
    assert told["late"][0] == "prefetch"


def test_a_page_of_a_single_page_application_is_shown_by_its_referer(engine: Engines) -> None:
    told = folds(
        engine(
            [
                page("p1", "/", 0),
                of_page("r1", "/", 1),
                of_page("r2", "/browse/EXP-1", 60),
                of_page("r3", "/browse/EXP-1", 61),
                of_page("r4", "https://elsewhere.example/x", 62),
                of_page("r5", "/site.css", 100),
                asked("GET", "/api", None, RayID="t1", agent="curl/8", **at(63)),
            ]
        ),
        "route",
        "folded_into",
        "folded_by",
    )

    assert told["r1"] == [None, "p1", "referer"]
    assert told["r2"] == [f"https://{HOST}/browse/EXP-1", None, None]
    assert told["r3"] == [None, "r2", "referer"]
    assert told["r4"][0] is told["r5"][0] is told["t1"][0] is None


def test_a_period_cuts_nothing_from_what_its_requests_belong_to(engine: Engines) -> None:
    asked_of = engine(
        [
            page("p1", "/a", 0),
            of_page("r1", "/a", 2 * HOUR),
            page("v1", "/b", 2 * HOUR, purpose="prefetch"),
            of_page("r2", "/b", 2 * HOUR + 60),
        ]
    )
    period = ("2026-11-20 10:59:00", "2026-11-20 11:00:30")

    told = folds(asked_of, "navigation", "folded_into", period=period)

    assert told == {"r1": [None, "p1"], "v1": ["prefetch_then_viewed", None]}


def test_requests_of_nobody_known_are_not_compared(engine: Engines) -> None:
    nobody = [
        {**each, "RequestHeaders": {}} for each in (page("p1", "/a", 0), of_page("r1", "/a", 1))
    ]

    assert folds(engine(nobody)) == {"p1": [None, None], "r1": [None, None]}


def test_a_request_without_a_ray_id_is_told_by_its_place(engine: Engines) -> None:
    requests = [page("00", "/a", 0), of_page("r1", "/a", 1)]

    into, by = folds(engine(requests))["r1"]

    assert (into.partition(":")[2], by) == ("1", "referer")


def test_what_was_received_twice_is_folded_under_the_one_that_is_kept(
    part: Parts, engine: Engines, snapshot: Callable[..., Snapshot]
) -> None:
    requests = [
        page("p1", "/a", 0),
        of_page("r1", "/a", 1),
        of_page("r2", "/browse/EXP-1", 60),
        piece("d1", 70),
        piece("d2", 80),
    ]
    taken = snapshot(requests)
    [first], again = taken.files.values(), part("http_requests", *requests[:4])
    columns = {**taken.columns, again: fingerprint(pq.read_schema(again))}
    both = replace(taken, files={"http_requests": (*first, again)}, columns=columns)

    question = (
        "select ray_id, folded_into, folded_by, route is not null, total_bytes from requests "
        "where folded_by {} 'resent' order by all"
    )
    asked_of = engine(both)
    kept = list(asked_of.run(question.format("is distinct from"), {}, QueryFailed).rows)
    resent = list(asked_of.run(question.format("="), {}, QueryFailed).rows)

    assert kept == [
        ("d1", None, None, False, 2000),
        ("d2", "d1", "resumed", False, 1000),
        ("p1", None, None, False, 4600),
        ("r1", "p1", "referer", False, 4600),
        ("r2", None, None, True, 4600),
    ]
    assert resent == [
        (ray, ray, "resent", False, 1000 if ray == "d1" else 4600)
        for ray in ("d1", "p1", "r1", "r2")
    ]
