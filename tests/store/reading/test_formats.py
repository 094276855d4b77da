"""Files of both formats in one view: the same instants in any zone, and the same few row groups."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema.columns import TIME
from store.parquet.fingerprint import fingerprint
from store.parquet.part_file import LOADED, PartFile
from store.parquet.stored_columns import INSTANT
from store.reading import relations
from store.reading.snapshot import Snapshot
from tests.factories import NOW
from tests.finished import content

GROUPS, ROWS = 8, 4_096
START = datetime(2026, 11, 20)  # noqa: DTZ001 (UTC, as in memory)
ZONES = pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kathmandu"])


def rows(group: int) -> pa.Table:
    """A row group: one user and one hour of its own."""
    times = [START + timedelta(hours=group, milliseconds=800 * row) for row in range(ROWS)]
    return pa.table(
        {
            "user_id": [f"user-{group}"] * ROWS,
            "event_time": pa.array(times, TIME),
            "received_at": pa.array([NOW] * ROWS, TIME),
            "batch_id": ["b"] * ROWS,
            "line_number": range(ROWS),
        }
    )


def format_1(folder: Path) -> Path:
    path = folder / "format-1.parquet"
    with pq.ParquetWriter(path, rows(0).schema, store_schema=False) as writer:
        for group in range(GROUPS):
            writer.write_table(rows(group))
    return path


def format_2(folder: Path) -> Path:
    file = PartFile(folder, content(rows(0).schema), LOADED)
    for group in range(GROUPS):
        file.write(rows(group))
    return file.finish("format-2.parquet").path


def snapshot(*paths: Path, is_noted: bool = True) -> Snapshot:
    columns: Mapping[Path, str] = {
        path: fingerprint(pq.read_schema(path)) for path in paths if is_noted
    }
    return Snapshot(
        sequence=1,
        taken_at=NOW,
        files={"http_requests": paths},
        columns=columns,
        pending_batches=0,
        lag_seconds=0.0,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("formats") / "date=2026-11-20"
    made.mkdir()
    format_1(made)
    format_2(made)
    return made


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:", config={"threads": "1"}) as opened:
        yield opened


def test_the_two_formats_differ_in_their_times_alone(folder: Path) -> None:
    kinds = {
        path.stem: {pq.read_schema(path).field(name).type for name in ("event_time", "received_at")}
        for path in folder.glob("*.parquet")
    }

    assert kinds == {"format-1": {TIME}, "format-2": {INSTANT}}


@ZONES
def test_a_time_is_the_same_instant_in_both_formats_and_in_every_zone(
    folder: Path, connection: duckdb.DuckDBPyConnection, zone: str
) -> None:
    connection.execute(f"SET TimeZone = '{zone}'")
    paths = (folder / "format-1.parquet", folder / "format-2.parquet")
    relations.define(connection, snapshot(*paths), only=["http_requests"])

    found = connection.execute(
        "SELECT typeof(event_time), typeof(received_at), epoch_us(event_time),"
        " epoch_us(received_at), count(*) FROM http_requests GROUP BY ALL"
    ).fetchall()

    received_us = int(NOW.replace(tzinfo=UTC).timestamp()) * 10**6
    assert {row[:2] + row[3:] for row in found} == {
        ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITH TIME ZONE", received_us, 2)
    }
    assert len(found) == GROUPS * ROWS


@ZONES
@pytest.mark.parametrize("file", ["format-1.parquet", "format-2.parquet"])
@pytest.mark.parametrize(
    "filtered",
    [
        "user_id = 'user-3'",
        (
            "event_time >= timestamptz '2026-11-20 03:00:00Z'"
            " AND event_time < timestamptz '2026-11-20 03:50:00Z'"
        ),
    ],
    ids=["user", "time"],
)
def test_row_groups_of_both_formats_are_skipped(
    folder: Path, connection: duckdb.DuckDBPyConnection, zone: str, file: str, filtered: str
) -> None:
    connection.execute(f"SET TimeZone = '{zone}'")
    taken = snapshot(folder / file, is_noted=False)
    relations.define(connection, taken, only=["http_requests"])
    asked = f"FROM (SELECT count(line_number) AS n FROM http_requests WHERE {filtered})"

    [(_, plan)] = connection.execute(f"EXPLAIN ANALYZE {asked}").fetchall()

    assert connection.execute(asked).fetchone() in {(ROWS,), (3_750,)}
    assert re.findall(r"Row Groups Scanned: (\d+) / (\d+)", plan) == [("1", str(GROUPS))]


@pytest.mark.parametrize("folder_name", ["date=__other__", "date=1066-10-14", "month=2041-01"])
def test_times_far_from_now_are_exact_in_files_of_format_1(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, folder_name: str
) -> None:
    microseconds = [-62_135_596_799_999_999, -1, 1, 2**53 + 1, 253_402_300_799_999_999]
    made = tmp_path / folder_name
    made.mkdir()
    times = pa.array(microseconds, pa.int64()).cast(TIME)
    table = pa.table({"event_time": times, "received_at": times})
    path = made / "far.parquet"
    pq.write_table(table, path, store_schema=False)
    relations.define(connection, snapshot(path), only=["http_requests"])

    found = connection.execute(
        "SELECT epoch_us(event_time), epoch_us(received_at) FROM http_requests"
    )

    assert found.fetchall() == [(each, each) for each in microseconds]


@ZONES
def test_the_day_of_a_months_rows_is_that_of_utc(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, zone: str
) -> None:
    made = tmp_path / "month=2026-11"
    made.mkdir()
    midnight = pa.array([datetime(2026, 11, 20), datetime(2026, 11, 19, 23, 59, 59)], TIME)  # noqa: DTZ001
    for name, times in (("1", midnight), ("2", midnight.cast(INSTANT))):
        pq.write_table(
            pa.table({"event_time": times}), made / f"{name}.parquet", store_schema=False
        )
    connection.execute(f"SET TimeZone = '{zone}'")
    taken = snapshot(made / "1.parquet", made / "2.parquet")
    relations.define(connection, taken, only=["http_requests"])

    days = connection.execute("SELECT date FROM http_requests ORDER BY event_time").fetchall()

    assert days == [(date(2026, 11, 19),)] * 2 + [(date(2026, 11, 20),)] * 2


@ZONES
def test_the_day_of_rows_without_a_days_folder_is_that_of_their_event(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, zone: str
) -> None:
    made = tmp_path / "date=__other__"
    made.mkdir()
    late = pa.array([datetime(1999, 12, 31, 23, 59, 59), None], TIME)  # noqa: DTZ001
    pq.write_table(pa.table({"event_time": late}), made / "1.parquet", store_schema=False)
    connection.execute(f"SET TimeZone = '{zone}'")
    relations.define(connection, snapshot(made / "1.parquet"), only=["http_requests"])

    days = connection.execute("SELECT date FROM http_requests ORDER BY event_time").fetchall()
    counted = "SELECT count(*) FROM http_requests WHERE date <= '1999-12-31'"

    assert days == [(date(1999, 12, 31),), (None,)]
    assert connection.execute(counted).fetchone() == (1,)


@ZONES
@pytest.mark.parametrize(
    ("filtered", "opened"),
    [
        ("date = '2026-11-20'", 1),
        ("date >= '2026-11-20'", 2),
        ("date BETWEEN DATE '2026-11-19' AND DATE '2026-11-20'", 2),
        ("date >= '2026-11-21T00:00:00'::TIMESTAMP::DATE", 1),
        ("date IN ('2026-11-19', '2026-11-21')", 2),
        ("user_id = 'user-3'", 3),
    ],
)
def test_only_the_files_of_the_days_asked_for_are_opened(
    tmp_path: Path,
    connection: duckdb.DuckDBPyConnection,
    zone: str,
    filtered: str,
    opened: int,
) -> None:
    """In a folder whose name looks like a partition of its own, too."""
    for number in (19, 20, 21):
        made = tmp_path / "day=x" / f"date=2026-11-{number}"
        made.mkdir(parents=True)
        times = pa.array([datetime(2026, 11, number)] * 3, TIME).cast(INSTANT)  # noqa: DTZ001
        pq.write_table(
            pa.table({"event_time": times, "user_id": ["user-3"] * 3}), made / "1.parquet"
        )
    connection.execute(f"SET TimeZone = '{zone}'")
    taken = snapshot(*sorted(tmp_path.rglob("*.parquet")))
    relations.define(connection, taken, only=["http_requests"])

    asked = f"FROM (SELECT count(event_time) AS n FROM http_requests WHERE {filtered})"
    [(_, plan)] = connection.execute(f"EXPLAIN ANALYZE {asked}").fetchall()

    assert connection.execute(asked).fetchone() == (3 * opened,)
    assert re.findall(r"Total Files Read: (\d+)", plan) == [str(opened)]
