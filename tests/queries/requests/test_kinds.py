"""Every request is of exactly one kind."""

from collections.abc import Callable
from typing import Any

import pytest

from queries.engine import Engine
from queries.errors import QueryFailed
from tests.factories import record
from tests.queries.requests.browsing import asked

Engines = Callable[..., Engine]


def kinds(engine: Engine, column: str = "kind") -> list[Any]:
    question = f"select {column} from requests order by line_number"
    return [value for (value,) in engine.run(question, {}, QueryFailed).rows]


LEAVER = [
    asked("GET", "/", "text/html", EdgeResponseBytes=9000),
    asked(
        "GET",
        "/core/api/-/archive/main/api-main.tar.gz",
        "application/x-gzip",
        EdgeResponseBytes=890_000_000,
    ),
    asked("GET", "/admin/export?table=customers&format=csv", "text/csv"),
    asked("GET", "/download/attachments/1/plan.pdf", "application/pdf"),
    asked(
        "GET",
        "/reports/board.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    asked("DELETE", "/api/v4/projects/7", "application/json"),
    asked("POST", "/api/v4/users/17/impersonation_tokens", "application/json", 201),
    asked("PUT", "/api/v4/projects/9/visibility?value=public", "application/json"),
    asked("POST", "/graphql", "application/json"),
    asked("GET", "/videos/allhands.mp4", "video/mp4", EdgeResponseBytes=400_000_000),
]


def test_what_a_leaver_took_and_changed_is_told_from_the_page(engine: Engines) -> None:
    found = kinds(engine(LEAVER))

    assert found == ["page", *["download"] * 4, *["change"] * 4, "download"]


LARGE = {"EdgeResponseBytes": 10_000_000}
DOCUMENT = {"dest": "document", "mode": "navigate"}
FETCH = {"dest": "empty", "mode": "cors"}
CURL = {"agent": "curl/8.5.0"}
KINDS: list[tuple[str, Any]] = [
    # What browsers say of it.
    ("page", asked("GET", "/", "text/html", **DOCUMENT, by_user="?1")),
    ("page", asked("GET", "/secret", "text/html", 403, **DOCUMENT)),
    ("page", asked("GET", "/api/v4/version", "application/json", **DOCUMENT)),
    ("page", asked("GET", "/big", "text/html", **DOCUMENT, **LARGE)),
    ("page", asked("GET", "/a.png", "image/png", **DOCUMENT)),
    ("asset", asked("GET", "/frame", "text/html", dest="iframe", mode="navigate")),
    ("asset", asked("GET", "/a", "text/javascript", dest="script", mode="no-cors")),
    ("asset", asked("GET", "/clip.mp4", "video/mp4", 206, dest="video", mode="no-cors")),
    ("download", asked("GET", "/clip.mp4", "video/mp4", 206, dest="video", **LARGE)),
    ("api", asked("GET", "/fragment", "text/html", **FETCH)),
    ("api", asked("GET", "/items", "application/json", **FETCH)),
    ("api", asked("GET", "/live", "text/event-stream", **FETCH)),
    ("api", asked("GET", "/socket", None, 101, dest="websocket", mode="websocket")),
    ("download", asked("GET", "/items", "application/json", **FETCH, **LARGE)),
    ("download", asked("GET", "/page", "text/html", dest="empty", mode="navigate")),
    ("prefetch", asked("GET", "/next", "text/html", **DOCUMENT, purpose="prefetch;prerender")),
    ("prefetch", asked("GET", "/a.zip", "application/zip", purpose="prefetch")),
    ("change", asked("POST", "/next", "text/html", **DOCUMENT, purpose="prefetch")),
    # Files.
    (
        "download",
        asked("GET", "/a", "text/html", **DOCUMENT, disposition='attachment; filename="a"'),
    ),
    ("page", asked("GET", "/a", "text/html", **DOCUMENT, disposition="inline")),
    ("download", asked("GET", "/a.pdf", "application/pdf", dest="iframe", mode="navigate")),
    ("download", asked("GET", "/a.zip", None)),
    ("download", asked("GET", "/a.zip", "unknown", 304)),
    ("download", asked("GET", "/customers.csv", "text/plain")),
    ("download", asked("GET", "/a", "application/octet-stream")),
    ("download", asked("GET", "/a.zip", "application/zip", None)),
    ("download", asked("GET", "/a.zip", "application/zip", **CURL)),
    ("download", asked("GET", "/talk", "video/mp4", 206)),
    ("asset", asked("GET", "/f.woff2", "application/octet-stream", dest="font", mode="cors")),
    ("asset", asked("GET", "/hls/1.ts", "video/mp2t", **FETCH)),
    ("page", asked("GET", "/a.zip", "text/html", 403)),
    ("page", asked("GET", "/a.pdf", "text/html", 404)),
    ("api", asked("HEAD", "/a.zip", "application/zip")),
    ("program", asked("HEAD", "/a.zip", "application/zip", **CURL)),
    ("api", asked("GET", "/a.zip", "application/zip", 403)),
    # Changes.
    ("change", asked("DELETE", "/a", "text/html", 403)),
    ("change", asked("PATCH", "/a.css", "text/css", **CURL)),
    ("change", asked("MKCOL", "/dav/new", None, 201)),
    ("change", asked("post", "/cdn-cgi/access/logout", None)),
    ("asset", asked("POST", "/cdn-cgi/rum?", None, 204)),
    ("api", asked("PROPFIND", "/dav/", "application/xml", 207)),
    ("api", asked("OPTIONS", "/items", None, 204)),
    ("api", asked("CONNECT", "/socket", None)),
    # Without what browsers say.
    ("page", asked("GET", "/wiki/api/howto", "text/html")),
    ("page", asked("GET", "/", "text/html", agent="")),
    ("api", asked("GET", "/api/items", "text/html")),
    ("api", asked("GET", "/wiki/api/howto", None)),
    ("api", asked("GET", "/items.json", None)),
    ("asset", asked("GET", "/a.css", "text/html", 404)),
    ("program", asked("GET", "/items", "application/json", **CURL)),
    ("program", asked("GET", "/items", "application/json", agent="")),
    ("api", asked("GET", "/items", "application/json", agent=None)),
    # A program's own calls, whatever they are for.
    ("program", asked("POST", "/a", "text/html", ParentRayID="8f0e1d2c3b4a5968")),
    ("program", asked("GET", "/a.zip", "application/zip", WorkerSubrequest=True)),
    ("program", asked("GET", "/", "text/html", ClientRequestSource="edgeWorkerFetch", **DOCUMENT)),
    ("program", asked("GET", "/", None, WorkerSubrequest=True, purpose="prefetch")),
    # Nearly nothing was logged.
    ("page", record(ClientRequestMethod=None, ClientRequestURI=None, EdgeResponseStatus=None)),
]


def test_each_request_is_of_the_kind_that_its_record_tells(engine: Engines) -> None:
    assert kinds(engine([each for _, each in KINDS])) == [kind for kind, _ in KINDS]


@pytest.mark.parametrize(
    "sent", ["[]", 7, None, {"sec-fetch-dest": {"a": 1}}, {"Sec-Fetch-Dest": 1}]
)
def test_headers_of_another_shape_stop_no_question(engine: Engines, sent: Any) -> None:
    assert len(kinds(engine([record(RequestHeaders=sent, ResponseHeaders=sent)]))) == 1


def test_names_of_headers_are_compared_in_lower_case(engine: Engines) -> None:
    sent = record(RequestHeaders={"Sec-Fetch-Dest": "Document", "Sec-Fetch-Mode": "navigate"})

    assert kinds(engine([sent]), "sec_fetch_dest") == ["document"]


GRADES = [
    ("user_navigation", {**DOCUMENT, "by_user": "?1"}),
    ("page_navigation", DOCUMENT),
    ("inferred", {}),
    ("prefetch", {**DOCUMENT, "by_user": "?1", "purpose": "prefetch"}),
    (None, FETCH),
]


def test_a_page_says_how_sure_it_is_that_a_person_went_there(engine: Engines) -> None:
    requests = [asked("GET", "/", "text/html", **sent) for _, sent in GRADES]

    assert kinds(engine(requests), "navigation") == [grade for grade, _ in GRADES]


def test_the_size_is_that_of_what_was_taken_or_sent(engine: Engines) -> None:
    requests = [
        asked("PUT", "/a.zip", None, 201, ClientRequestBytes=700, EdgeResponseBytes=9),
        asked("POST", "/git-upload-pack", "application/x-git-upload-pack-result", **LARGE),
        asked("DELETE", "/a", "application/json", EdgeResponseBytes=120),
        asked("GET", "/a", "text/html", ClientRequestBytes=700, EdgeResponseBytes=9),
    ]

    asked_of = engine(requests)
    assert kinds(asked_of, "direction") == ["up", "down", "down", "down"]
    assert kinds(asked_of, "size_bytes") == [700, 10_000_000, 120, 9]


def test_the_requests_of_several_users_are_asked_for_at_once(engine: Engines) -> None:
    names = ["srhea", "SRhea", "other"]
    asked_of = engine([record(RequestHeaders={"cf-access-user": name}) for name in names])

    question = (
        "select user_id from requests_under($who::varchar[], null, null) order by line_number"
    )
    for who, found in ((["srhea", "SRhea"], names[:2]), (["x"], []), ([], []), (None, names)):
        rows = asked_of.run(question, {"who": who}, QueryFailed).rows
        assert [name for (name,) in rows] == found
