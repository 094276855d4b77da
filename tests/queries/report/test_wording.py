"""The sentences that every way out says alike."""

import re
from dataclasses import replace
from datetime import datetime

import pytest

from queries.identity.people import KnownUser
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from queries.report import explanations, wording
from queries.report.coverage.values import Coverage
from queries.report.kinds import kinds_of
from queries.report.listing import Listing
from queries.report.model import AccessEvents, Activity, Report, Totals, Use

NINE = datetime(2026, 11, 20, 9)  # noqa: DTZ001 - UTC without a zone
NOTHING: Listing[object] = Listing((), 0)
EMPTY = Report(
    who=KnownUser(
        user="srhea",
        person=Person.only("srhea"),
        user_sources=("cookie", "request_header"),
        first_seen=None,
        last_seen=None,
        requests=0,
        requests_without_time=0,
        logins=0,
    ),
    asked=ALWAYS,
    session_gap_seconds=1800,
    coverage=Coverage(sequence=7, taken_at=NINE, pending_batches=0, lag_seconds=0.4),
    first_seen=None,
    last_seen=None,
    totals=Totals(
        requests=0,
        probable_duplicates=0,
        pages=0,
        sessions=0,
        hosts=0,
        addresses=0,
        bytes=0,
        bytes_received=0,
        refused=0,
        requests_without_time=0,
    ),
    kinds=kinds_of([]),
    downloads=Listing((), 0),
    changes=Listing((), 0),
    sessions=Listing((), 0),
    hosts=Listing((), 0),
    addresses=Listing((), 0),
    countries=Listing((), 0),
    user_agents=Listing((), 0),
    refused=Listing((), 0),
    logins=Listing((), 0),
    other_events=Listing((), 0),
    access_events=AccessEvents(),
    activity=Activity(bucket="hour", counts=()),
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599.9, "59 min 59 s"),
        (3600, "1 h"),
        (86_399, "23 h 59 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_two_units_at_most_and_is_never_rounded_up(
    seconds: float, text: str
) -> None:
    assert wording.duration_text(seconds) == text


def test_a_time_is_printed_with_a_four_digit_year_and_whole_seconds() -> None:
    oldest = datetime(1, 1, 1, 0, 0, 0, 999_999)  # noqa: DTZ001 - UTC without a zone

    assert wording.moment_text(oldest) == "0001-01-01 00:00:00Z"


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (ALWAYS, "everything kept"),
        (Period(NINE, None), "from 2026-11-20 09:00:00Z"),
        (Period(None, NINE), "from the beginning until 2026-11-20 09:00:00Z"),
    ],
)
def test_a_period_is_printed_in_words(period: Period, text: str) -> None:
    assert wording.period_text(period) == text


@pytest.mark.parametrize(
    ("listing", "noun", "text"),
    [
        (Listing(("a",), 1), "host", ""),
        (Listing(("a",), 2), "host", "… 1 more host"),
        (Listing(("a",), 2001), "host", "… 2,000 more hosts"),
        (Listing(("a",), 3), "", "… 2 more"),
        (Listing(("a",), 3), "address", "… 2 more addresses"),
        (Listing(("a",), 3), "country", "… 2 more countries"),
        (Listing(("a",), 2), "country", "… 1 more country"),
        (NOTHING, "host", ""),
    ],
)
def test_omitted_rows_are_marked(listing: Listing[object], noun: str, text: str) -> None:
    assert wording.more_text(listing, noun) == text


def test_a_snapshot_prints_its_lag() -> None:
    coverage = replace(EMPTY.coverage, pending_batches=1, lag_seconds=3.2499)

    assert wording.snapshot_text(coverage) == (
        "state 7 of the store, 2026-11-20 09:00:00Z; 1 delivery is not in it yet, the oldest 3 s old"
    )


def test_a_snapshot_counts_batches_that_were_recovered() -> None:
    coverage = replace(EMPTY.coverage, recovered_batches=2)

    assert wording.snapshot_text(coverage).endswith(
        "; everything received by then is in it; 2 deliveries of this person recovered after a crash or a full disk"
    )


def test_totals_are_printed_in_words_with_what_they_count() -> None:
    totals = replace(EMPTY.totals, requests=1, sessions=2000, addresses=2, refused=3, bytes=5)
    events = AccessEvents(logins=2, logins_refused=1, logouts=1, enrolments=3, others=4)

    told = dict(explanations.totals(replace(EMPTY, totals=totals, access_events=events)))

    assert told == {
        "total": (
            "1 request, 2,000 sessions (one device each; a login or a pause over 30 min begins a "
            "new one), 0 hosts, 2 addresses"
        ),
        "bytes": "5 bytes down (answers), 0 up (requests)",
        "refused": "3 (answered 401 or 403, or blocked or challenged by a rule)",
        "logins": (
            "2 logins, 1 of them refused, 1 logout, 3 device enrolments, 4 other Access events"
        ),
    }


def test_a_report_without_warnings_has_no_notes() -> None:
    assert list(wording.notes(EMPTY)) == []


def test_pending_batches_and_claimed_names_are_noted_first() -> None:
    claimed = Use(value="a", requests=1, first_seen=None, last_seen=None, identity="unconfirmed")
    report = replace(
        EMPTY,
        coverage=replace(EMPTY.coverage, pending_batches=1),
        hosts=Listing((claimed,), 1),
        totals=replace(EMPTY.totals, requests_without_time=2),
    )

    assert [re.split("[;,:]", note)[0] for note in wording.notes(report)] == [
        "1 delivery is received but not readable yet",
        "A name on a host marked unconfirmed is only what the client claimed",
        "2 requests without a time",
    ]


def test_requests_that_all_lack_a_time_are_noted() -> None:
    report = replace(EMPTY, totals=replace(EMPTY.totals, requests=1))

    assert wording.covered_text(report) == "no request has a time"


def test_the_source_of_a_name_is_printed() -> None:
    assert wording.sources_text(EMPTY.who) == (
        "the login cookie of the requests, a header of the requests"
    )
    unseen = replace(EMPTY.who, user_sources=(), logins=0)
    assert wording.sources_text(replace(unseen, logins=1)) == "logins only"
    assert wording.sources_text(unseen) == "no request and no login"
