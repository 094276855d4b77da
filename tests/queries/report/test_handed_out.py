"""A report that is handed to somebody: the first page in words, the zone of times, what is folded."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from queries.anomalies.anomaly import Anomalies, Anomaly, Kind
from queries.engine import QUESTIONED, open_engine
from queries.findings.question import Acknowledged, Finding, Learning, NotJudged, Unjudged
from queries.findings.rule import rules
from queries.outputs.html import folding
from queries.outputs.html.page import rendered, report_html
from queries.outputs.json_out import report_object
from queries.outputs.terminal_report import show_report
from queries.period import Period
from queries.report.charts.heat import DAYS_DRAWN, calendar_days_left_out, calendar_svg, hours_svg
from queries.report.coverage.values import Hours, Span
from queries.report.days import Day, PartOfHour, days_of, minutes_of
from queries.report.listing import Listing
from queries.report.model import Report
from queries.report.page_one import sentences
from queries.report.page_one.made import Made
from queries.report.page_one.rules import findings_of
from queries.report.times import Times
from queries.time_zone import IN_UTC, time_zone
from store.reading.snapshot import Snapshot
from tests.factories import login
from tests.queries.outputs.test_outputs import printed
from tests.queries.report.reports import START, after, reported

PRAGUE = time_zone("Europe/Prague")
WIKI = "wiki.widgetcorp.example"


@pytest.fixture(scope="module")
def found(snapshot: Callable[..., Snapshot]) -> Iterator[Report]:
    """Two protected pages, one that is not, a download, a deletion and a refusal; in Prague."""
    requests = [
        after(0, ClientASN=64500),
        after(65, ClientRequestURI="/browse/EXP-2", ClientASN=64500),
        after(100, ClientRequestURI="/files/a.zip", EdgeResponseContentType="application/zip"),
        after(130, ClientRequestMethod="DELETE", ClientRequestURI="/rest/1"),
        after(140, EdgeResponseStatus=403, SecurityAction="block", ClientRequestURI="/secret"),
        after(150, ClientRequestHost=WIKI, ClientIP="2001:db8::1", ClientASN=0),
        # Half past eleven at night in UTC is the next day in Prague.
        after(14.5 * 3600, ClientASN=64500),
    ]
    logins = [login(AppDomain="jira.widgetcorp.example", Email="srhea")]
    with open_engine(snapshot(requests, logins), datasets=QUESTIONED) as engine:
        yield reported(engine, zone=PRAGUE)


def page(report: Report) -> str:
    return unescape(report_html(report).decode())


def test_the_first_page_says_how_sure_the_name_is(found: Report) -> None:
    assert found.totals.confirmed == 5
    assert "5 of 7 requests came through the company's login" in page(found)
    assert "On the other 2 the name is only what the sending program claimed" in page(found)

    sure = replace(found.totals, confirmed=7)
    claimed = replace(found.totals, confirmed=0)
    assert "all 7 requests came through" in sentences.how_sure(replace(found, totals=sure))
    assert "not sure. On all 7" in sentences.how_sure(replace(found, totals=claimed))


def test_the_first_page_says_what_stands_out_and_what_is_not_known(found: Report) -> None:
    told = "\n".join(sentences.stands_out(found))

    assert "1 file was downloaded, 4.6 kB: jira.widgetcorp.example/files/a.zip." in told
    assert "1 request to delete something." in told
    assert "1 request was refused." in told
    assert sentences.NOT_LOGGED in page(found)
    assert "Nobody has compared these" in page(found)


def test_many_points_are_counted_and_not_cut_silently(
    found: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sentences, "ODDITIES_SHOWN", 1)
    many = findings_of([finding("low"), finding("low"), finding("high")], ALL_JUDGED)

    told = sentences.stands_out(replace(found, findings=many))

    assert re.fullmatch(r"And [2-9] more points, in the sections below\.", told[1])
    assert "1 file was downloaded" in told[2]


@pytest.mark.parametrize(
    "words", ["named by request header", "batches pending", "read against their hashes"]
)
def test_nothing_is_told_in_words_of_engineers(found: Report, words: str) -> None:
    for text in (page(found), printed(lambda console: show_report(found, console))):
        assert words not in text.lower()


def test_times_are_in_the_zone_with_utc_beside(found: Report) -> None:
    asked = Period(START, START + timedelta(days=2))
    whole = replace(found, asked=asked)

    assert (
        "from 2026-11-20 10:00:00+01:00 until 2026-11-22 10:00:00+01:00 (Europe/Prague time), in UTC"
        " from 2026-11-20 09:00:00Z until 2026-11-22 09:00:00Z"
    ) in page(whole)
    assert '2026-11-20 10:01:40 <small class="utc">09:01:40Z</small>' in page(found)
    text = printed(lambda console: show_report(whole, console))
    assert "days and times of Europe/Prague; in UTC from 2026-11-20 09:00:00Z" in text
    assert "2026-11-20 10:01:40+01:00" in text
    assert b'"time_zone": "Europe/Prague"' in report_object(found)


def test_days_and_hours_are_those_of_the_zone(found: Report) -> None:
    assert [(each.day, each.requests, each.hours) for each in found.days] == [
        (date(2026, 11, 20), 6, ((10, 6),)),
        (date(2026, 11, 21), 1, ((0, 1),)),
    ]
    first = found.days[0]
    assert (first.downloads, first.changes, first.refused) == (1, 1, 1)


def test_the_time_until_the_next_page_is_told(found: Report) -> None:
    steps = found.sessions.shown[0].steps

    assert steps[0].dwell_seconds == 65.0
    assert "open 1 min 5 s" in page(found)


def test_refusals_come_with_the_reason(found: Report) -> None:
    assert "blocked by a rule of Cloudflare, answered 403: not allowed" in page(found)


def test_the_same_refusal_in_a_row_is_one_line_with_a_count(found: Report) -> None:
    again = replace(found, refused=replace(found.refused, shown=found.refused.shown * 3, total=3))

    assert "and 2 more times in a row" in page(again)


def test_networks_and_kinds_of_pages_are_listed(found: Report) -> None:
    networks = {each.number: each.requests for each in found.networks.shown}
    places = {(each.host, each.template) for each in found.places.shown}

    assert networks[64500] == 3
    assert sum(networks.values()) == found.totals.requests
    assert ("jira.widgetcorp.example", "/browse/{key}") in places
    assert "AS64500" in page(found)


def test_the_report_says_how_it_was_made(found: Report) -> None:
    made = Made(question="raytrail report --user srhea", by="anna", case="<b>17", version="0.1.0")
    coverage = replace(found.coverage, digest="abc123")

    text = report_html(replace(found, made=made, coverage=coverage)).decode()

    for told in ("raytrail report --user srhea", "anna", "&lt;b&gt;17", "Raytrail 0.1.0", "abc123"):
        assert told in text


def test_older_sessions_are_one_line_each_where_there_are_too_many_steps(found: Report) -> None:
    [*_, newest] = found.sessions.shown
    text = rendered(found, len(newest.steps))

    assert f"Steps are listed for 1 of {found.sessions.total} sessions" in text
    assert text.count("<article>") == found.sessions.total
    assert text.count('<ol class="steps">') == 1


ALL_JUDGED = NotJudged(
    learning=Learning(
        people=1, learning=0, first_day=date(2026, 1, 1), active_days=14, store_days=30
    ),
    without=(),
    until=START,
)
YOUNG = replace(ALL_JUDGED, learning=replace(ALL_JUDGED.learning, first_day=date(2026, 11, 1)))


def finding(level: str, **changes: Any) -> Finding:
    told: dict[str, Any] = {
        "id": "f2eb36b4abab6953",
        "rule": "travel",
        "title": "Two places too far apart",
        "level": level,
        "user_id": "srhea",
        "since": START,
        "until": START + timedelta(hours=1),
        "evidence": tuple(f"ray{number}" for number in range(8)),
        "what": "From GB to <SG>.",
        "identity": "unconfirmed",
        "coverage": "unknown",
        "acknowledged": None,
    }
    return Finding(**{**told, **changes})


def test_findings_are_on_the_first_page_and_in_a_section_the_gravest_first(found: Report) -> None:
    both = findings_of([finding("low", title="Small"), finding("high")], YOUNG)
    told = replace(found, findings=both)

    first = sentences.stands_out(told)
    text = report_html(told).decode()

    assert first[0] == (
        "Two places too far apart (high; the name is not confirmed on all of its records):"
        " From GB to <SG>."
    )
    assert "From GB to &lt;SG&gt;." in text
    assert "2 of 2 shown" in text
    assert "ray0, ray1, ray2, ray3, ray4</span> and 3 more" in text
    assert "Whether records of these hours are missing is not known" in text
    assert "<h2>Findings" not in report_html(found).decode()


def test_what_no_rule_could_judge_is_said_by_title_and_on_the_first_page(found: Report) -> None:
    told = replace(found, findings=findings_of([], YOUNG))

    text = page(told)

    assert "kinds of findings could not be looked for" in text
    assert "records begin less than 30 days before: " in text
    assert "A country that the person was never seen in before" in text
    assert "new_country" not in text
    assert "could not be looked for" not in page(
        replace(found, findings=findings_of([], ALL_JUDGED))
    )


def test_a_rule_whose_field_nobody_logs_is_held_back() -> None:
    [rule, *_] = rules()
    lacking = replace(ALL_JUDGED, without=(Unjudged(rule, ("ClientCountry",)),))

    told = findings_of([], lacking)

    assert (told.rules_held_back, told.rules) == (1, len(rules()))
    assert told.not_judged == (
        f"Not judged, because the log of this period lacks ClientCountry: {rule.title}.",
    )


def test_an_anomaly_that_a_finding_is_about_is_said_once(found: Report) -> None:
    odd = Anomaly(kind=Kind.UNPROTECTED, started_at=START, ended_at=START, requests=1, host=WIKI)
    found = replace(found, anomalies=Anomalies(found=(odd,)))
    said = finding("medium", rule="forgeable_identity", what=f"1 request to {WIKI}.")
    told = replace(found, findings=findings_of([said], ALL_JUDGED))
    elsewhere = replace(said, what="1 request to www.widgetcorp.example.")
    other = replace(found, findings=findings_of([elsewhere], ALL_JUDGED))

    def is_twice(report: Report) -> bool:
        text = printed(lambda console: show_report(report, console))
        assert ("dentity on an unprotected host" in page(report)) == ("unprotected host" in text)
        return "unprotected host" in text

    assert is_twice(found)
    assert is_twice(other)
    assert not is_twice(told)
    assert b"identity_on_unprotected_host" in report_object(told)


def test_a_terminal_lists_findings_and_how_the_report_was_made(found: Report) -> None:
    many = findings_of([finding("low"), *[finding("high")] * 25], YOUNG)
    made = Made(question="raytrail report --user srhea", by="anna", version="0.1.0")

    text = printed(lambda console: show_report(replace(found, findings=many, made=made), console))

    assert "Findings  20 of 26, the gravest" in text
    assert "high     2026-11-20 10:00:00+01:00 Two places too far apart: From GB to <SG>." in text
    assert "Not judged, because" in text
    for told in ("How this report was made", "anna", "raytrail report --user srhea"):
        assert told in text


def test_a_strip_tells_hours_whose_records_are_missing_from_hours_without_requests(
    found: Report,
) -> None:
    def strip(known: str) -> str:
        spans = (Span(since=START, until=START + timedelta(hours=3), known=known),)
        coverage = replace(
            found.coverage, spans=Listing(spans, 1), hours=Hours(total=3, partial=3, missing=1)
        )
        return report_html(replace(found, coverage=coverage)).decode()

    assert "these times: some are missing" in strip("partial")
    assert "these times: all are here" in strip("complete")
    assert "records are missing: 2026-11-20 10:00:00+01:00 to 2026-11-20 13:00:00+01:00" in strip(
        "partial"
    )


def test_an_acknowledged_finding_is_listed_with_its_reason_and_is_no_news(found: Report) -> None:
    seen = Acknowledged(by="anna", reason="a business trip", at=START)
    told = replace(found, findings=findings_of([finding("high", acknowledged=seen)], ALL_JUDGED))

    assert "Two places" not in "\n".join(sentences.stands_out(told))
    assert "a business trip" in report_html(told).decode()


def test_no_more_findings_are_listed_than_a_person_reads() -> None:
    listed = findings_of([finding("low")] * 101, ALL_JUDGED).listed

    assert (len(listed.shown), listed.total) == (100, 101)


def many(count: int) -> tuple[Day, ...]:
    first = date(2025, 1, 1)
    return tuple(
        Day(
            day=first + timedelta(days=number),
            requests=number + 1,
            pages=0,
            downloads=0,
            changes=0,
            refused=0,
            hours=((9, number + 1),),
        )
        for number in range(count)
    )


def test_many_days_are_folded_to_months_that_count_them_all() -> None:
    days = many(500)

    title, rows = folding.day_rows(days, Times())

    assert title == "Month by month"
    assert rows[0][0] == "2025-01"
    assert sum(row.requests for _, row in rows) == sum(each.requests for each in days)


def test_the_charts_of_days_say_how_many_they_leave_out() -> None:
    days = many(500)

    assert calendar_svg(days).count("<path") > 300
    assert 0 < calendar_days_left_out(days) < 500 - 59 * 7 + 7
    assert hours_svg(days).count('aria-roledescription="rect mark"') == DAYS_DRAWN
    assert calendar_svg(many(5)) == ""
    assert hours_svg(()) == ""


def test_a_zone_that_is_off_by_a_part_of_an_hour_counts_quarters() -> None:
    kolkata = time_zone("Asia/Kolkata")
    parts = [PartOfHour(started_at=START + timedelta(minutes=30), host=None, requests=2)]

    assert minutes_of(kolkata, [START]) == 15
    assert minutes_of(PRAGUE, [START, None]) == minutes_of(IN_UTC, []) == 60
    assert days_of(parts, kolkata)[0].hours == ((15, 2),)
