"""Anomalies in a report: the same in the terminal, in HTML and in JSON, and escaped everywhere."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson

from queries.engine import Engine
from queries.outputs.html.page import report_html
from queries.outputs.json_out import report_object
from queries.outputs.terminal import make_console
from queries.outputs.terminal_report import show_report
from queries.report.model import Report
from tests.factories import login
from tests.queries.report.reports import after, reported

Engines = Callable[..., Engine]

HOST = "jira.widgetcorp.example"


def in_terminal(report: Report) -> str:
    page = io.StringIO()
    show_report(report, make_console(page, columns=250))
    return page.getvalue()


def event(at: str, ray: str, **changes: Any) -> dict[str, Any]:
    told = {"CreatedAt": at, "RayID": ray, "Email": "srhea", "AppDomain": HOST}
    return login(**{**told, **changes})


def test_a_report_shows_each_anomaly_with_its_evidence(engine: Engines) -> None:
    requests = [
        after(0, RayID="before"),
        after(7200, RayID="afterwards"),
        after(10, ClientRequestHost="www.widgetcorp.example", RayID="elsewhere"),
    ]
    logins = [
        event("2026-11-20T08:59:00Z", "in"),
        event("2026-11-20T10:00:00Z", "out", Action="logout"),
    ]

    found = reported(engine(requests, logins))
    text, page = in_terminal(found), report_html(found).decode()
    told = orjson.loads(report_object(found))["anomalies"]

    assert [each["kind"] for each in told["found"]] == [
        "identity_on_unprotected_host",
        "traffic_after_logout",
    ]
    assert told["found"][1]["evidence"][0] == {
        "what": "logout",
        "seen_at": "2026-11-20T10:00:00.000000Z",
        "ray_id": "out",
    }
    assert "Anomalies" in text
    assert "Other oddities" in page
    for shown in (text, page):
        assert "dentity on an unprotected host" in shown
        assert "1 request to www.widgetcorp.example where no application covered" in shown
        assert f"1 request to {HOST} after the logout from {HOST} and before the next" in shown
        assert "logout at 2026-11-20 10:00:00Z, Ray ID out" in shown
        assert "request at 2026-11-20 11:00:00Z, Ray ID afterwards" in shown


def test_a_report_says_which_login_began_a_session(engine: Engines) -> None:
    found = reported(engine([after(0), after(9000)], [event("2026-11-20T08:59:00Z", "in")]))

    first, second = found.sessions.shown
    assert (first.started_by, first.login_ray_id) == ("login", "in")
    assert (second.started_by, second.login_ray_id) == ("silence", None)
    told = orjson.loads(report_object(found))["sessions"]["shown"][0]
    assert (told["started_by"], told["login_at"]) == ("login", "2026-11-20T08:59:00.000000Z")
    for shown in (in_terminal(found), report_html(found).decode()):
        assert shown.count("begun by a login at 2026-11-20 08:59:00Z") == 1


def test_a_report_says_what_it_could_not_judge_and_did_not_list(engine: Engines) -> None:
    found = reported(engine([after(0)]))
    found = replace(found, anomalies=replace(found.anomalies, left_out=3))

    for shown in (in_terminal(found), report_html(found).decode()):
        assert "3 more of the same kinds are not listed." in shown
        assert "Not judged: no login; no logins of anybody are known around" in shown


def test_logged_text_in_an_anomaly_is_escaped(engine: Engines) -> None:
    hostile = "<script>x</script>\x1b[31m"
    requests = [after(0, ClientRequestHost=hostile, RayID=hostile)]

    found = reported(engine(requests, [event("2026-11-20T08:59:00Z", hostile)]))

    assert [each.kind for each in found.anomalies.found] == ["identity_on_unprotected_host"]
    assert "\x1b[31m" not in in_terminal(found)
    assert "<script>" not in report_html(found).decode()
