"""What an analyst may give as a moment, in which every zone of a session."""

from collections.abc import Iterator

import duckdb
import pytest

from queries.definitions import sql_of

MACROS = ("utc_moment", "instant_of", "is_within")


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        for name in MACROS:
            opened.execute(sql_of(f"definitions/periods/{name}"))
        yield opened


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Kolkata"])
def in_zone(
    connection: duckdb.DuckDBPyConnection, request: pytest.FixtureRequest
) -> duckdb.DuckDBPyConnection:
    connection.execute(f"set timezone = '{request.param}'")
    return connection


def asked(connection: duckdb.DuckDBPyConnection, expression: str) -> object:
    [(found,)] = connection.execute(f"select {expression}").fetchall()
    return found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("'2026-11-01'", "2026-11-01 00:00:00"),
        ("'2026-11-01 08:30'", "2026-11-01 08:30:00"),
        ("'2026-11-01T08:30:00Z'", "2026-11-01 08:30:00"),
        ("'2026-11-01 08:30:00+02'", "2026-11-01 06:30:00"),
        ("'2026-11-01T08:30:00.123456-03:30'", "2026-11-01 12:00:00.123456"),
        ("'2026-11-01 08:30:00 Europe/Berlin'", "2026-11-01 07:30:00"),
        ("date '2026-11-01'", "2026-11-01 00:00:00"),
        ("timestamp '2026-11-01 01:02:03.5'", "2026-11-01 01:02:03.5"),
        ("timestamp_ns '2026-11-01 01:02:03.123456789'", "2026-11-01 01:02:03.123456"),
        ("timestamptz '2026-11-01 08:30:00+02'", "2026-11-01 06:30:00"),
        ("timestamptz '1890-11-01 08:30:00+00'", "1890-11-01 08:30:00"),
        ("date '2026-11-01' - 7", "2026-10-25 00:00:00"),
        ("'infinity'", "infinity"),
        ("timestamptz '-infinity'", "-infinity"),
        ("null", "null"),
    ],
)
def test_a_moment_without_an_offset_is_utc_in_every_zone(
    in_zone: duckdb.DuckDBPyConnection, given: str, expected: str
) -> None:
    found = asked(in_zone, f"coalesce(utc_moment({given})::varchar, 'null')")

    assert found == expected


@pytest.mark.parametrize("given", ["'yesterday'", "20261101", "time '10:00'", "'10:00'"])
def test_what_is_no_moment_is_an_error(in_zone: duckdb.DuckDBPyConnection, given: str) -> None:
    with pytest.raises(duckdb.Error, match="expected format is"):
        asked(in_zone, f"utc_moment({given})")


def test_now_is_the_same_instant_in_every_zone(in_zone: duckdb.DuckDBPyConnection) -> None:
    assert asked(in_zone, "instant_of(utc_moment(now())) = now()")


@pytest.mark.parametrize(
    ("since", "until", "is_in"),
    [
        ("null", "null", True),
        ("'2026-11-20'", "'2026-11-21'", True),
        ("'2026-11-20 00:00:00+00'", "null", True),
        ("'2026-11-20 00:00:01'", "null", False),
        ("null", "'2026-11-20'", False),
        ("'-infinity'", "'infinity'", True),
    ],
)
def test_a_period_has_its_first_moment_and_not_its_last(
    in_zone: duckdb.DuckDBPyConnection, since: str, until: str, *, is_in: bool
) -> None:
    event = "timestamptz '2026-11-20 00:00:00+00'"

    assert (
        asked(
            in_zone,
            f"is_within({event}, date '2026-11-20', utc_moment({since}), utc_moment({until}))",
        )
        is is_in
    )


def test_a_record_without_a_time_is_in_no_limited_period(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    assert asked(connection, "is_within(null::timestamptz, null::date, null, null)") is True
    assert not asked(
        connection, "is_within(null::timestamptz, null::date, timestamp '2026-11-20', null)"
    )
