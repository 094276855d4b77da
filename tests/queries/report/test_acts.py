"""Downloads and changes of a report: which are listed, in which order, and what is said of each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from queries.engine import Engine
from queries.outputs.terminal_report import show_report
from queries.period import Period
from queries.report import assembly, explanations, kind_words, sessions
from queries.report.kinds import Folded
from tests.queries.outputs.test_outputs import printed
from tests.queries.report.reports import START, after, reported

Engines = Callable[..., Engine]

ZIP = {"EdgeResponseContentType": "application/zip"}


def change(seconds: float, method: str, path: str, **changes: Any) -> dict[str, Any]:
    return after(
        seconds,
        ClientRequestMethod=method,
        ClientRequestURI=path,
        ClientRequestPath=path.partition("?")[0],
        ClientRequestBytes=300,
        RayID=f"{seconds}",
        **changes,
    )


def test_downloads_are_listed_by_size_and_refused_ones_last(engine: Engines) -> None:
    sizes = {"/small.zip": 10, "/large.zip": 10**9, "/unknown.zip": None, "/blocked.zip": 10**12}
    requests = [
        after(
            number,
            ClientRequestURI=path,
            EdgeResponseBytes=size,
            SecurityAction="block" if "blocked" in path else "",
            RayID=path,
            **ZIP,
        )
        for number, (path, size) in enumerate(sizes.items())
    ]

    downloads = reported(engine(requests)).downloads

    assert [(act.uri, act.size_bytes, act.why) for act in downloads.shown] == [
        ("/large.zip", 10**9, None),
        ("/small.zip", 10, None),
        ("/unknown.zip", None, None),
        ("/blocked.zip", 10**12, "refused"),
    ]
    assert downloads.total == 4


def test_a_resumed_download_is_listed_once_with_the_bytes_of_its_pieces(engine: Engines) -> None:
    first = {"EdgeResponseBytes": 4_000_000, "RayID": "a", "ClientRequestURI": "/plan.zip"}
    requests = [
        after(0, **first, **ZIP),
        after(20, **{**first, "RayID": "b"}, EdgeResponseStatus=206, **ZIP),
        after(40, **{**first, "RayID": "c"}, EdgeResponseStatus=206, **ZIP),
        after(50, **{**first, "RayID": "d", "ClientRequestURI": "/other.zip"}, **ZIP),
    ]

    found = reported(engine(requests))
    text = printed(lambda console: show_report(found, console))

    assert [(act.uri, act.size_bytes, act.requests) for act in found.downloads.shown] == [
        ("/plan.zip", 12_000_000, 3),
        ("/other.zip", 4_000_000, 1),
    ]
    assert (found.downloads.total, found.kinds.of("download")) == (2, 4)
    [session] = found.sessions.shown
    assert [(step.uri, step.size_bytes, step.folded) for step in session.steps] == [
        ("/plan.zip", 12_000_000, (Folded("resumed", 2),)),
        ("/other.zip", 4_000_000, ()),
    ]
    assert "resumed: 3 requests" in text
    assert explanations.downloads_text(found) == (
        "and 2 requests folded under them (pieces or sent again)"
    )


def test_what_a_page_loads_is_counted_under_its_step_with_the_reason(engine: Engines) -> None:
    page = {"EdgeResponseContentType": "text/html", "RayID": "page"}
    loaded = {"ClientRequestURI": "/a.css", "EdgeResponseContentType": "text/css"}
    referer = {"ClientRequestReferer": "https://jira.widgetcorp.example/browse/EXP-1"}
    requests = [
        after(0, **page),
        after(1, **loaded, **referer, RayID="b"),
        after(2, **loaded, RayID="c"),
        after(3, **loaded, RayID="d"),
    ]

    found = reported(engine(requests))
    text = printed(lambda console: show_report(found, console))

    [session] = found.sessions.shown
    [step] = session.steps
    assert step.folded == (Folded("referer", 1), Folded("time", 2))
    assert "3 requests folded under it: 1 by Referer, 2 by time" in text
    assert "4 requests, 3 of them folded under another (1 by Referer, 2 by time)" in text
    assert "no step here" not in text


def test_what_belongs_to_a_page_before_the_period_is_said(engine: Engines) -> None:
    page = {"EdgeResponseContentType": "text/html", "RayID": "page"}
    loaded = {"ClientRequestURI": "/a.css", "EdgeResponseContentType": "text/css"}
    requests = [after(0, **page), after(1, **loaded, RayID="b"), after(2, **loaded, RayID="c")]
    period = Period(since=START + timedelta(seconds=1))

    found = reported(engine(requests), period=period)
    text = " ".join(printed(lambda console: show_report(found, console)).split())

    assert found.folded_under_unshown == 2
    assert "2 requests belong to one that is no step here: it was sent before the period" in text


def test_changes_are_listed_by_what_they_tell(engine: Engines) -> None:
    requests = [
        change(1, "POST", "/comment", EdgeResponseStatus=403),
        change(2, "POST", "/save"),
        change(3, "POST", "/upload") | {"ClientRequestBytes": 9_000},
        change(4, "PUT", "/projects/9/visibility?value=public"),
        change(5, "POST", "/users/17/impersonation_tokens", EdgeResponseStatus=403),
        change(6, "POST", "/pages/4/delete"),
        change(7, "DELETE", "/projects/7"),
    ]

    changes = reported(engine(requests)).changes

    assert [(act.uri, act.why, act.is_refused) for act in changes.shown] == [
        ("/pages/4/delete", "deletes", False),
        ("/projects/7", "deletes", False),
        ("/projects/9/visibility?value=public", "access", False),
        ("/users/17/impersonation_tokens", "access", True),
        ("/comment", "refused", True),
        ("/upload", None, False),
        ("/save", None, False),
    ]
    assert [kind_words.why_text(act) for act in changes.shown[3:5]] == [
        "rights, secrets or sharing, refused",
        "refused",
    ]


def test_a_list_of_acts_that_is_cut_says_so(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "DOWNLOADS_SHOWN", 1)
    monkeypatch.setattr(assembly, "CHANGES_SHOWN", 2)
    requests = [after(n, EdgeResponseBytes=n, RayID=f"{n}", **ZIP) for n in range(3)]
    requests += [change(n, "POST", f"/{n}") for n in range(10, 13)]

    found = reported(engine(requests))
    text = printed(lambda console: show_report(found, console))

    assert (found.downloads.total, found.downloads.more, found.changes.more) == (3, 2, 1)
    assert "… 2 more downloads" in text
    assert "… 1 more change" in text


def test_programs_that_poll_hide_neither_pages_nor_changes(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "STEPS_SHOWN", 5)
    polls = [
        after(
            n,
            ClientRequestURI=f"/poll/{n}",
            EdgeResponseContentType="application/json",
            RayID=f"p{n}",
        )
        for n in range(20)
    ]
    late = [
        after(100, RayID="page", EdgeResponseContentType="text/html"),
        change(101, "DELETE", "/projects/7"),
    ]

    [session] = reported(engine(polls + late)).sessions.shown

    assert [step.uri for step in session.steps] == [
        *("/poll/0", "/poll/1", "/poll/2"),
        *("/browse/EXP-1", "/projects/7"),
    ]
    assert session.requests_not_shown == 17
    assert kind_words.steps_shown_text(session) == (
        "5 of 22 requests that are not folded shown; raytrail trail lists all"
    )


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "size unknown"),
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1 kB"),
        (4_600, "4.6 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),
        (890_000_000, "890 MB"),
        (10**21, "1000 EB"),
    ],
)
def test_a_size_has_three_digits_at_most(size: int | None, text: str) -> None:
    assert kind_words.size_text(size) == text
