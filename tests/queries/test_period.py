"""The period a person types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.errors import QueryRefused
from queries.period import ALWAYS, Period, parse_period


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
        "2026-11",
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
        parse_period(**{name: text})


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
