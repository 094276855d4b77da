"""The period a person types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.errors import QueryRefused
from queries.period import ALWAYS, Calendar, Period, parse_period
from queries.time_zone import IN_UTC, time_zone


def utc(*numbers: int) -> datetime:
    return datetime(*numbers)  # type: ignore[arg-type] # noqa: DTZ001 - UTC without a zone


@pytest.mark.parametrize(
    ("since", "until", "period"),
    [
        ("", "", ALWAYS),
        ("2026-11-01", "", Period(utc(2026, 11, 1), None)),
        ("", "2026-11-01", Period(None, utc(2026, 11, 2))),
        ("2026-11-01", "2026-11-01", Period(utc(2026, 11, 1), utc(2026, 11, 2))),
        ("", "2026-11-01T08:00:00Z", Period(None, utc(2026, 11, 1, 8))),
        ("2026-11-01 08:00:00Z", "", Period(utc(2026, 11, 1, 8), None)),
        ("2026-11-01t08:00:00z", "", Period(utc(2026, 11, 1, 8), None)),
        ("2026-11-01T08:00:00.5+02:00", "", Period(utc(2026, 11, 1, 6, 0, 0, 500_000), None)),
        ("", "2026-11-01T23:30:00-01:00", Period(None, utc(2026, 11, 2, 0, 30))),
        ("", "9999-12-31", Period(None, datetime.max)),  # noqa: DTZ901 - UTC without a zone
    ],
)
def test_days_and_times_are_read(since: str, until: str, period: Period) -> None:
    assert parse_period(since, until) == period


def test_digits_below_the_microsecond_widen_the_period() -> None:
    period = parse_period("2026-11-01T08:00:00.000001999Z", "2026-11-01T08:00:00.000002001Z")

    assert period == Period(utc(2026, 11, 1, 8, 0, 0, 1), utc(2026, 11, 1, 8, 0, 0, 3))


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-13",
        "2026-W54",
        "7d",
        "2026-11-31",
        "0000-01-01",
        "2026-11-01T08:00:00",
        "2026-11-01T08:00Z",
        "2026-11-01T24:00:00Z",
        "2026-11-01T08:00:60Z",
        "2026-11-01T08:00:00.Z",
        "2026-11-01T08:00:00.1234567890Z",
        "2026-11-01T08:00:00+25:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "2026-11-01\n",
        " 2026-11-01",
        "\u0662\u0660\u0662\u0666-11-01",
        "20261101",
        "' or 1=1",
    ],
)
@pytest.mark.parametrize("name", ["since", "until"])
def test_anything_else_is_refused_with_what_is_accepted(name: str, text: str) -> None:
    with pytest.raises(QueryRefused, match=f"^{name} .*2026-11-01T08:30:00Z"):
        parse_period(**{name: text})  # type: ignore[arg-type]


def test_the_start_of_a_long_mistake_is_in_the_message() -> None:
    with pytest.raises(QueryRefused) as refused:
        parse_period("y" * 40 + "x" * 100_000)

    assert str(refused.value).startswith(f"since '{'y' * 40}…' is not")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2026-11-02", "2026-11-01"),
        ("2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z"),
        ("2026-11-01T08:00:00+01:00", "2026-11-01T07:00:00Z"),
    ],
)
def test_a_period_must_start_before_it_ends(since: str, until: str) -> None:
    with pytest.raises(QueryRefused, match="is not before"):
        parse_period(since, until)


MOMENTS = st.datetimes(utc(1, 1, 3), utc(9999, 12, 29))
ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@given(MOMENTS, ZONES)
def test_an_instant_is_the_same_in_every_time_zone(moment: datetime, zone: timezone) -> None:
    text = moment.replace(tzinfo=UTC).astimezone(zone).isoformat()

    assert parse_period(since=text) == Period(moment, None)


@given(st.dates(utc(1, 1, 1).date(), utc(9999, 12, 30).date()))
def test_a_day_means_all_24_hours(day: datetime) -> None:
    period = parse_period(day.isoformat(), day.isoformat())

    assert period.since is not None
    assert period.until is not None
    assert period.until - period.since == timedelta(days=1)
    assert not period.is_open


@given(st.text())
def test_any_text_is_either_parsed_or_refused(text: str) -> None:
    try:
        period = parse_period(since=text)
    except QueryRefused:
        return
    assert (period == ALWAYS) == (text == "")


PRAGUE = time_zone("Europe/Prague")
# A Wednesday, half past midnight in Prague: in UTC it is still Tuesday.
NOW = utc(2026, 11, 17, 23, 30)


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("today", utc(2026, 11, 17, 23), utc(2026, 11, 18, 23)),
        ("yesterday", utc(2026, 11, 16, 23), utc(2026, 11, 17, 23)),
        ("1d", utc(2026, 11, 17, 23), utc(2026, 11, 18, 23)),
        ("7d", utc(2026, 11, 11, 23), utc(2026, 11, 18, 23)),
        ("12h", utc(2026, 11, 17, 11, 30), NOW),
        ("2026-11-18", utc(2026, 11, 17, 23), utc(2026, 11, 18, 23)),
        ("2026-W47", utc(2026, 11, 15, 23), utc(2026, 11, 22, 23)),
        ("2026-w01", utc(2025, 12, 28, 23), utc(2026, 1, 4, 23)),
        ("2026-10", utc(2026, 9, 30, 22), utc(2026, 10, 31, 23)),
        ("2026-12", utc(2026, 11, 30, 23), utc(2026, 12, 31, 23)),
    ],
)
def test_a_period_is_of_the_zone(text: str, since: datetime, until: datetime) -> None:
    calendar = Calendar(PRAGUE, NOW)

    assert parse_period(period=text, calendar=calendar) == Period(since, until)
    assert parse_period(text, calendar=calendar) == Period(since, None)


def test_the_first_seven_of_fourteen_days_can_be_asked() -> None:
    period = parse_period("14d", "7d", Calendar(IN_UTC, NOW))

    assert period == Period(utc(2026, 11, 4), utc(2026, 11, 11))


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_day_on_which_clocks_change_is_whole(day: str, hours: int) -> None:
    period = parse_period(day, day, Calendar(PRAGUE))

    assert period.since is not None
    assert period.until is not None
    assert period.until - period.since == timedelta(hours=hours)


def test_a_time_with_its_own_zone_does_not_depend_on_the_zone_of_days() -> None:
    text = "2026-11-01T08:30:00Z"

    assert parse_period(text, calendar=Calendar(PRAGUE, NOW)) == parse_period(text)


@pytest.mark.parametrize("name", ["since", "until"])
def test_a_period_has_both_ends(name: str) -> None:
    since, until = ("today", "") if name == "since" else ("", "today")

    with pytest.raises(QueryRefused, match="cannot be combined"):
        parse_period(since, until, Calendar(PRAGUE, NOW), period="today")


@pytest.mark.parametrize("text", ["0d", "99999d", "99999h", "2026-11-01T08:30:00Z"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(QueryRefused, match=r"^period "):
        parse_period(calendar=Calendar(PRAGUE, utc(2, 1, 1)), period=text)


@pytest.mark.parametrize(
    "name",
    ["Europe/Nowhere", "../etc/passwd", "/etc/localtime", "Europe", "", "a\0b", "é", "x" * 99],
)
def test_an_unknown_zone_is_refused_in_a_sentence(name: str) -> None:
    with pytest.raises(QueryRefused, match="unknown time zone"):
        time_zone(name)


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_have_no_zone(name: str) -> None:
    calendar = Calendar(time_zone(name))

    assert parse_period("0001-01-01", "9999-12-31", calendar).until is not None
    assert calendar.zone.local(datetime.max).year == 9999  # noqa: DTZ901 - UTC without a zone
    assert calendar.zone.local(datetime.min).year == 1  # noqa: DTZ901 - UTC without a zone
