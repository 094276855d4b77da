"""One period of a person compared with another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from queries.comparison.comparison import Comparison, Periods, compare, periods
from queries.completeness.known_period import known_period
from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.person import Person
from queries.outputs.comparison import document, lines
from queries.period import Period, parse_period
from store.files.expected_file import ExpectedFile
from store.reading.live_part import LivePart
from store.reading.snapshot import Snapshot
from tests.factories import NOW, record

WEEK = parse_period("2026-11-16", "2026-11-22")
BEFORE = parse_period("2026-11-09", "2026-11-15")
BOTH = Periods(WEEK, BEFORE)

PAGE = {"EdgeResponseContentType": "text/html; charset=utf-8"}


def on(day: int, **changes: Any) -> dict[str, Any]:
    at = f"2026-11-{day:02}T09:00:00Z"
    return record(**{**PAGE, "EdgeStartTimestamp": at, "EdgeEndTimestamp": at, **changes})


Compared = Callable[..., Comparison]


@pytest.fixture
def compared(engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]) -> Compared:
    def make(*requests: dict[str, Any], asked: Periods = BOTH, **more: Any) -> Comparison:
        taken = snapshot(requests)
        return compare(engine(taken), Person.only("srhea"), asked, taken, **more)

    return make


def changed(found: Comparison, *, is_new: bool) -> dict[str, list[str]]:
    return {
        each.dimension: [value.value for value in each.shown]
        for each in found.differences
        if each.is_new is is_new
    }


def test_the_other_period_is_the_one_of_the_same_length_right_before() -> None:
    assert periods(WEEK, Period(), NOW) == BOTH
    begin = Period(datetime(2026, 11, 20))  # noqa: DTZ001 (UTC without a zone)
    found = periods(begin, Period(), NOW)
    assert found.now.until == NOW
    assert found.before.until == begin.since


def test_the_other_period_can_be_chosen_by_either_end() -> None:
    by_start = periods(WEEK, parse_period("2026-10-01"), NOW)
    by_end = periods(WEEK, parse_period("", "2026-10-07"), NOW)
    both = periods(WEEK, parse_period("2026-10-01", "2026-10-02"), NOW)

    assert by_start.before == by_end.before == parse_period("2026-10-01", "2026-10-07")
    assert both.before == parse_period("2026-10-01", "2026-10-02")


@pytest.mark.parametrize(
    ("asked", "other", "why"),
    [
        (Period(), Period(), "--since is missing"),
        (parse_period("2027-01-01"), Period(), "in the future"),
        (WEEK, parse_period("2026-11-20"), "overlap"),
    ],
)
def test_periods_that_cannot_be_compared_are_refused(
    asked: Period, other: Period, why: str
) -> None:
    with pytest.raises(QueryRefused, match=why):
        periods(asked, other, NOW)


def test_what_is_new_and_what_is_gone_is_told(compared: Compared) -> None:
    old = {
        "ClientRequestHost": "wiki.widgetcorp.example",
        "ClientIP": "192.0.2.17",
        "ClientCountry": "gb",
        "ClientASN": 64500,
        "ClientRequestUserAgent": "Mozilla/5.0 old",
    }
    new = {
        "ClientRequestHost": "jira.widgetcorp.example",
        "ClientIP": "198.51.100.7",
        "ClientCountry": "fr",
        "ClientASN": 64501,
        "ClientRequestUserAgent": "Mozilla/5.0 new",
    }
    same = {"ClientRequestURI": "/same", "ClientRequestHost": "a.example", "ClientASN": 1}

    found = compared(on(10, **old), on(17, **new), on(10, **same), on(17, **same))

    assert changed(found, is_new=True) == {
        "host": ["jira.widgetcorp.example"],
        "page": ["jira.widgetcorp.example/browse/{key}"],
        "country": ["FR"],
        "network": ["AS64501"],
        "address": ["198.51.100.7"],
        "user agent": ["Mozilla/5.0 new"],
    }
    gone = changed(found, is_new=False)
    assert gone["host"] == ["wiki.widgetcorp.example"]
    assert gone["network"] == ["AS64500"]
    text = "\n".join(lines(found))
    assert "new hosts  1 of 1" in text
    assert "gone networks  1 of 1" in text


def test_two_issues_of_one_project_are_no_new_page(compared: Compared) -> None:
    found = compared(on(10, ClientRequestURI="/browse/EXP-1"), on(17))

    assert found.differences == ()
    assert "Nothing is new and nothing is gone." in list(lines(found))


def test_downloads_and_changes_are_told_beside_pages(compared: Compared) -> None:
    taken = on(17, ClientRequestURI="/e.zip", EdgeResponseContentType="application/zip")
    deleted = on(17, ClientRequestMethod="DELETE", ClientRequestURI="/rest/issue/EXP-9")

    called = on(17, ClientRequestURI="/rest/issue/9", EdgeResponseContentType="application/json")

    found = changed(compared(on(10), taken, deleted, called), is_new=True)

    assert found["download"] == ["jira.widgetcorp.example/e.zip"]
    assert found["API call"] == ["jira.widgetcorp.example/rest/issue/{number}"]
    assert found["change"] == ["DELETE jira.widgetcorp.example/rest/issue/{key}"]


def test_the_kinds_add_up_in_both_periods(compared: Compared) -> None:
    requests = [on(10), on(17), on(17, ClientRequestMethod="POST"), on(18, EdgeResponseBytes=400)]

    found = compared(*requests, configured_access_hosts=["jira.widgetcorp.example"])

    for side, count in ((found.now, 3), (found.before, 1)):
        assert side.requests == sum(each.requests for each in side.kinds) == count
        assert sum(each.confirmed for each in side.kinds) == count
    assert sum(each.bytes_down for each in found.before.kinds) == 4600


def test_what_others_did_and_other_days_do_not_count(compared: Compared) -> None:
    other = on(17, RequestHeaders={"cf-access-user": "jdoe"}, ClientRequestHost="b.example")

    found = compared(on(17), other, on(8), on(23))

    assert (found.now.requests, found.before.requests) == (1, 0)
    assert changed(found, is_new=True)["host"] == ["jira.widgetcorp.example"]


def test_a_list_that_is_cut_says_of_how_many(
    compared: Compared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queries.comparison.comparison.VALUES_SHOWN", 3)

    found = compared(*(on(17, ClientIP=f"192.0.2.{number}") for number in range(7)))

    [addresses] = [each for each in found.differences if each.dimension == "address"]
    assert (len(addresses.shown), addresses.total) == (3, 7)
    assert "new addresses  3 of 7" in list(lines(found))


def test_hours_that_the_store_has_nothing_of_are_told(compared: Compared) -> None:
    """Otherwise a week before the store began would look like a week without a request."""
    found = compared(on(17))

    assert document(found)["before"]["known"]["gaps"] == [
        {"since": "2026-11-09T00:00:00.000000Z", "until": "2026-11-16T00:00:00.000000Z"}
    ]
    text = "\n".join(lines(found))
    assert "before: the store has no request of anybody for 168 hours" in text
    assert "what happened then is not known" in text
    assert "So what is listed as new may have been there before." in text


def test_a_gap_lies_between_the_files_of_all_users(snapshot: Callable[..., Snapshot]) -> None:
    def part(first: str, last: str) -> LivePart:
        return LivePart(
            file=ExpectedFile(first, "", 1, 1),
            dataset="http_requests",
            day="2026-11-20",
            time_min=f"2026-11-20T{first}:00.000000Z",
            time_max=f"2026-11-20T{last}:00.000000Z",
        )

    parts = [part("08:00", "08:10"), part("07:00", "09:30"), part("12:00", "12:59")]
    taken = replace(
        snapshot(), parts={Path(str(number)): each for number, each in enumerate(parts)}
    )
    day = datetime(2026, 11, 20)  # noqa: DTZ001 (UTC without a zone)

    found = known_period(taken, day + timedelta(hours=6, minutes=30), day + timedelta(hours=14))

    times = [(f"{gap.since:%H:%M}", f"{gap.until:%H:%M}") for gap in found.gaps]
    assert times == [("09:30", "12:00"), ("12:59", "14:00")]
