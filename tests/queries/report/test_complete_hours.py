"""A report says how complete its period is known to be, on every way out alike."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import orjson
import pytest

from queries.engine import Engine
from queries.identity.person import Person
from queries.outputs.html.page import report_html
from queries.outputs.json_out import report_object
from queries.outputs.terminal import make_console
from queries.outputs.terminal_report import show_report
from queries.period import Period, parse_period
from queries.report.assembly import report
from queries.report.coverage.complete_hours import HOUR, hours_of, spans_of
from queries.report.coverage.values import NO_HOURS, NO_SPANS, Hours, Reason
from queries.report.model import Report
from store.reading.snapshot import Snapshot
from store.registers.verdicts import CannotTell, Complete, KnownHour, KnownHours, Partial, Verdict
from tests.factories import record

NINE = datetime(2026, 11, 20, 9)  # noqa: DTZ001 (UTC without a zone, as in the store)
HOSTILE = "<b>too old</b>\x1b[2J"


def known(*verdicts: Verdict, job: int = 1) -> KnownHours:
    return KnownHours(
        tuple(KnownHour(job, NINE + n * HOUR, verdict) for n, verdict in enumerate(verdicts))
    )


def test_each_hour_of_the_period_is_counted_once() -> None:
    verdicts = (Complete(), Partial(7, "lost"), CannotTell("filtered"), Complete("a note"))

    found = hours_of(known(*verdicts), NINE + timedelta(minutes=51), NINE + 5 * HOUR)

    assert found == Hours(
        total=5,
        complete=2,
        partial=1,
        missing=7,
        untold=1,
        unseen=1,
        reasons=(Reason("filtered", 1),),
    )


def test_hours_in_a_row_of_which_the_same_is_known_are_one_span() -> None:
    verdicts = (Complete(), Complete("a note"), Partial(7, "lost"), CannotTell("filtered"))

    found = spans_of(known(*verdicts), NINE - HOUR, NINE + 6 * HOUR - timedelta(minutes=9))

    assert [((each.since - NINE) // HOUR, each.known) for each in found.shown] == [
        (-1, "unknown"),
        (0, "complete"),
        (2, "partial"),
        (3, "unknown"),
    ]
    assert found.shown[-1].until == NINE + 6 * HOUR - timedelta(minutes=9)
    assert spans_of(known(), None, NINE) == NO_SPANS


def test_hours_outside_the_period_are_not_counted() -> None:
    found = hours_of(
        known(Complete(), Complete(), Partial(1, "lost")), NINE + HOUR, NINE + 2 * HOUR
    )

    assert (found.total, found.complete, found.partial) == (1, 1, 0)


def test_an_hour_gets_the_worst_verdict_of_its_jobs() -> None:
    first = known(Complete(), Complete(), Partial(5, "lost"), CannotTell("x"))
    second = known(Complete(), CannotTell("y"), Partial(9, "lost"), Partial(2, "lost"), job=2)

    found = hours_of(KnownHours((*first.hours, *second.hours)), NINE, NINE + 4 * HOUR)

    assert (found.complete, found.untold, found.partial, found.missing) == (1, 1, 2, 11)


def test_the_most_frequent_reasons_are_listed_first_up_to_a_limit() -> None:
    verdicts = [CannotTell(why) for why in "aabbbcddddd"]

    found = hours_of(known(*verdicts), NINE, NINE + 11 * HOUR)

    assert [(reason.why, reason.hours) for reason in found.reasons] == [
        ("d", 5),
        ("b", 3),
        ("a", 2),
    ]
    assert found.untold == 11


@pytest.mark.parametrize("since", [None, NINE + HOUR])
def test_without_a_start_there_are_no_hours(since: datetime | None) -> None:
    assert hours_of(known(Complete()), since, NINE) == NO_HOURS


@pytest.fixture
def reported(
    engine: Callable[..., Engine], snapshot: Callable[..., Snapshot]
) -> Callable[..., Report]:
    """The report over one request of 09:51, in a store that knows so much of its hours."""

    def make(coverage: KnownHours, period: Period | None = None) -> Report:
        taken = replace(snapshot([record()]), coverage=coverage)
        found = report(
            engine(taken), Person.only("srhea"), period or parse_period("2026-11-20", "2026-11-20")
        )
        assert isinstance(found, Report)
        return found

    return make


def on_terminal(found: Report) -> str:
    page = io.StringIO()
    show_report(found, make_console(page, columns=200))
    return page.getvalue()


def test_every_output_says_how_complete_the_record_is(reported: Callable[..., Report]) -> None:
    found = reported(known(Complete(), Partial(1234, "lost"), CannotTell(HOSTILE)))
    sentence = (
        "of 24 hours 1 complete, 1 partial (at least 1,234 records missing), "
        "1 unknown, 21 not checked"
    )
    warning = "At least 1,234 records are missing from 1 hour of this period"

    terminal, html = on_terminal(found), report_html(found).decode()

    for page in (terminal, html):
        assert sentence in page
        assert warning in page
        assert "1 hour unknown: " in page
        assert "\x1b" not in page
    assert "<b>too old" not in html
    document = orjson.loads(report_object(found))
    assert document["coverage"]["hours"] == {
        "total": 24,
        "complete": 1,
        "partial": 1,
        "missing": 1234,
        "untold": 1,
        "unseen": 21,
        "reasons": [{"why": HOSTILE, "hours": 1}],
    }


def test_unchecked_hours_come_with_the_command_that_checks_them(
    reported: Callable[..., Report],
) -> None:
    found = reported(KnownHours())

    for page in (on_terminal(found), report_html(found).decode()):
        assert "none of 24 hours compared with counts of Cloudflare; see raytrail coverage" in page
        assert "missing from" not in page


def test_an_open_period_begins_with_the_first_request(
    reported: Callable[..., Report],
) -> None:
    found = reported(known(Complete(), Complete()), Period())

    # From the hour of 09:51 until the snapshot was taken, two days later at ten.
    assert (found.coverage.hours.total, found.coverage.hours.complete) == (49, 2)


def test_future_hours_are_not_in_a_report(reported: Callable[..., Report]) -> None:
    found = reported(KnownHours(), parse_period("2026-11-22", "2026-12-31"))

    assert found.coverage.hours.total == 10


def test_a_period_shorter_than_an_hour_has_no_verdict(reported: Callable[..., Report]) -> None:
    found = reported(KnownHours(), parse_period("2026-12-01", "2026-12-31"))

    assert found.coverage.hours == NO_HOURS
    assert "coverage" not in on_terminal(found).lower()
