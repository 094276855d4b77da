"""Times in every spelling are the same instants, to the nanosecond, or say why not."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.fields.coercion_result import MISFIT, Approximate, Instant
from schema.fields.event_time import Time, parse_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 10**9
YEAR_1 = -62_135_596_800
YEAR_10000 = 253_402_300_800
INSTANTS = st.integers(YEAR_1 * SECOND, YEAR_10000 * SECOND - 1)
# Where a number's unit can be told: seconds, milliseconds and so on since 1973, past 1e11.
SINCE_1974 = st.integers(126_230_400 * SECOND, 99_999_999_999 * SECOND)


def text(value: str) -> Time:
    return parse_time(value, b"unused")


def number(raw: str) -> Time:
    """As the JSON parser would hand it over: a float where it is no 64-bit integer."""
    value = int(raw) if raw.lstrip("-").isdigit() and len(raw) < 20 else float(raw)
    return parse_time(value, raw.encode())


def instant(nanoseconds: int) -> Instant:
    return Instant(*divmod(nanoseconds, 1000))


def civil(seconds: int, zone: timezone = UTC) -> str:
    at = (EPOCH + timedelta(seconds=seconds)).astimezone(zone)
    return at.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


@given(INSTANTS, st.sampled_from("Tt "), st.sampled_from(["Z", "z", "+00:00", "-0000"]))
@example(-1, "T", "Z")
@example(YEAR_1 * SECOND, "T", "Z")
@example(YEAR_10000 * SECOND - 1, "T", "Z")
def test_an_instant_written_as_rfc_3339_comes_back_whole(at: int, between: str, zone: str) -> None:
    seconds, nanoseconds = divmod(at, SECOND)
    written = civil(seconds).replace("T", between)

    assert text(f"{written}.{nanoseconds:09}{zone}") == instant(at)
    assert text(f"{written}{zone}") == instant(seconds * SECOND)


@given(
    st.integers((YEAR_1 + 86_400) * SECOND, (YEAR_10000 - 86_400) * SECOND),
    st.integers(-1439, 1439),
    st.sampled_from(["", ":"]),
)
def test_a_local_time_with_its_offset_is_the_same_instant(at: int, offset: int, sep: str) -> None:
    seconds, nanoseconds = divmod(at, SECOND)
    local = civil(seconds, timezone(timedelta(minutes=offset)))
    hours, minutes = divmod(abs(offset), 60)
    zone = f"{'-' if offset < 0 else '+'}{hours:02}{sep}{minutes:02}"

    assert text(f"{local}.{nanoseconds:09}{zone}") == instant(at)


@given(SINCE_1974)
def test_every_unit_written_as_number_or_text_is_the_same_instant(at: int) -> None:
    expected = {10**9: at // 10**9, 10**6: at // 10**6, 10**3: at // 10**3, 1: at}

    for unit, count in expected.items():
        assert number(str(count)) == instant(count * unit)
        assert text(str(count)) == instant(count * unit)


@given(SINCE_1974, st.sampled_from([9, 6, 3]))
def test_a_fraction_is_read_from_the_text_not_from_the_float(at: int, places: int) -> None:
    whole, rest = divmod(at, 10**places)

    assert number(f"{whole}.{rest:0{places}}") == instant(at)
    assert text(f"{whole}.{rest:0{places}}000") == instant(at)


@given(st.integers(1, 62_135_596_800 * SECOND))
def test_seconds_before_1970_are_counted_back(before: int) -> None:
    whole, rest = divmod(before, SECOND)

    assert number(f"-{whole}.{rest:09}") == instant(-before)


@given(st.decimals("-1e22", "1e22", allow_nan=False, places=3))
def test_any_number_is_exactly_itself_in_some_unit_or_a_misfit(value: object) -> None:
    raw = f"{value:f}"
    outcome = number(raw)

    if isinstance(outcome, Instant):
        nanoseconds = outcome.microseconds * 1000 + outcome.nanoseconds
        assert nanoseconds in {Fraction(raw) * unit for unit in (1, 10**3, 10**6, 10**9)}
    else:
        assert outcome == MISFIT or isinstance(outcome, Approximate)


@pytest.mark.parametrize(
    ("raw", "nanoseconds"),
    [
        ("0", 0),
        ("-0", 0),
        ("1576929197", 1_576_929_197 * SECOND),
        ("1576929197.123", 1_576_929_197_123_000_000),
        ("1684862313000000200", 1_684_862_313_000_000_200),
        ("99999999999", 99_999_999_999 * SECOND),
        ("100000000000", 10**17),
        ("99999999999999", 99_999_999_999_999 * 10**6),
        ("100000000000000", 10**17),
        ("99999999999999999", 99_999_999_999_999_999 * 1000),
        ("100000000000000000", 10**17),
        ("-99999999999.5", None),
        ("253402300799999999999", 253_402_300_799_999_999_999),
        ("253402300800000000000", None),
        ("-62135596800", YEAR_1 * SECOND),
        ("-62135596801", None),
    ],
)
def test_the_unit_of_a_number_is_told_by_its_magnitude(raw: str, nanoseconds: int | None) -> None:
    expected = MISFIT if nanoseconds is None else instant(nanoseconds)

    assert number(raw) == expected
    assert text(raw) == expected


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("2024-02-17T23:52:01", "2024-02-17T23:52:01Z"),
        ("2024-02-17 23:52:01.5", "2024-02-17T23:52:01.5Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2016-12-31T23:59:60.25Z", "2017-01-01T00:00:00.25Z"),
        ("2016-12-31T15:59:60-08:00", "2017-01-01T00:00:00Z"),
        ("2024-02-17T23:52:01.1234567891Z", "2024-02-17T23:52:01.123456789Z"),
        ("2024-02-17T23:52:01.9999999999Z", "2024-02-17T23:52:01.999999999Z"),
        ("1576929197.1234567891", "1576929197.123456789"),
        ("1684862313000000200.5", "1684862313000000200"),
    ],
)
def test_a_time_read_with_an_assumption_says_so(written: str, exact: str) -> None:
    assert text(written) == Approximate(text(exact))  # type: ignore[arg-type]
    assert isinstance(text(exact), Instant)


def test_zeros_below_the_nanosecond_are_no_loss() -> None:
    plain = text("2024-02-17T23:52:01.5Z")

    assert text("2024-02-17T23:52:01.5" + "0" * 5000 + "Z") == plain
    assert text("1708213921.5" + "0" * 5000) == plain


@pytest.mark.parametrize(
    "written",
    [
        "",
        "now",
        "2024-02-17",
        "2024-02-17T23:52Z",
        "2024-02-17T23:52:01.Z",
        "2024-02-17T23:52:01,5Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-02-17T24:00:00Z",
        "2024-02-17T23:60:00Z",
        "2024-02-17T23:59:61Z",
        "2024-02-17T12:00:60Z",
        "2016-12-31T23:59:60-08:00",
        "2024-02-17T00:00:00+24:00",
        "2024-02-17T00:00:00+01:60",
        "2024-02-17T00:00:00+1",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:60Z",
        "10000-01-01T00:00:00Z",
        "2024-02-17T23:52:01Z\n",
        " 2024-02-17T23:52:01Z",
        "٢٠٢٤-02-17T23:52:01Z",
        "+1576929197",
        "01576929197",
        "1576929197.",
        ".5",
        "1e9",
        "0x10",
        "9" * 5000,
        "NaN",
    ],
)
def test_text_that_names_no_instant_is_a_misfit(written: str) -> None:
    assert text(written) == MISFIT


@pytest.mark.parametrize("raw", ["1.5e9", "1E20", "1e-5", "9" * 300])
def test_a_number_with_an_exponent_or_out_of_all_range_is_a_misfit(raw: str) -> None:
    assert parse_time(float(raw), raw.encode()) == MISFIT


@pytest.mark.parametrize("value", [True, False, [], {}, ["2024-02-17T23:52:01Z"]])
def test_what_is_neither_text_nor_number_is_a_misfit(value: object) -> None:
    assert parse_time(value, b"unused") == MISFIT


@given(st.text() | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|)"))
def test_any_text_is_an_instant_or_a_misfit_and_nothing_raises(written: str) -> None:
    outcome = text(written)

    assert outcome == MISFIT or isinstance(outcome, Instant | Approximate)
