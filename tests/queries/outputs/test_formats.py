"""A trail as Parquet and as CSV: every request, unchanged, and the same as row by row."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.engine import Engine
from queries.identity.people import UnknownUser
from queries.identity.person import Person
from queries.limits import Limits
from queries.outputs import parquet_out
from queries.outputs.csv_columns import columns_csv
from queries.outputs.csv_out import trail_csv
from queries.period import ALWAYS
from queries.report.assembly import Options, reporting
from queries.trail import TrailRow, trail
from tests.factories import record

Engines = Callable[..., Engine]

SRHEA = Person.only("srhea")
FORMULA = "=HYPERLINK(1)"
REQUESTS = (
    record(ClientRequestUserAgent=FORMULA, ParentRayID="8f00000000000009"),
    record(EdgeStartTimestamp="2026-11-20T09:00:00.123456789Z", ClientRequestURI='/b\x00?"a",b'),
    record(EdgeStartTimestamp=None, EdgeEndTimestamp=None),
    record(EdgeStartTimestamp="0999-01-01T00:00:00Z"),
)

PLAIN = TrailRow(
    **{  # type: ignore[arg-type]
        **dict.fromkeys(parquet_out.TRAIL.names),
        "time": "2026-11-20T09:00:00.000000Z",
        "user_id": "srhea",
        "line_number": 1,
    }
)

# What a spreadsheet obeys and what CSV gives a meaning, alone and inside other text.
CELLS = st.text(st.sampled_from("=+-@\t\r\n,\"'aé\x00 ") | st.characters(codec="utf-8"))


@contextmanager
def batches_of(engine: Engine, rows_at_once: int = 3) -> Iterator[Iterator[pa.RecordBatch]]:
    with reporting(engine, SRHEA, ALWAYS, Options()) as asked:
        assert not isinstance(asked, UnknownUser)
        yield asked.requests.trail(rows_at_once)


def table_of(rows: list[TrailRow]) -> pa.Table:
    return pa.Table.from_pylist([asdict(row) for row in rows], schema=parquet_out.TRAIL)


def test_both_formats_have_every_value_as_it_is(engine: Engines) -> None:
    asked, file = engine(REQUESTS), io.BytesIO()
    rows = list(trail(asked, SRHEA))

    with batches_of(asked) as batches:
        raw = b"".join(columns_csv(parquet_out.also_parquet(batches, file), is_raw=True)).decode()

    table = pq.read_table(file)
    instants = table.column(parquet_out.INSTANT).to_pylist()
    assert table.drop_columns(parquet_out.INSTANT).to_pylist() == [asdict(row) for row in rows]
    assert [instant.isoformat() if instant else None for instant in instants] == [
        f"{row.time[:26]}+00:00".replace(".000000", "") if row.time else None for row in rows
    ]
    agents = {row["user_agent"] for row in csv.DictReader(io.StringIO(raw, newline=""))}
    assert FORMULA in agents


@pytest.mark.parametrize("kept_rows", [len(REQUESTS), len(REQUESTS) - 1])
def test_files_are_those_of_the_trail_whether_its_requests_are_kept_or_not(
    engine: Engines, kept_rows: int
) -> None:
    asked = engine(REQUESTS, limits=Limits(kept_rows=kept_rows))

    with batches_of(asked) as batches:
        written = b"".join(columns_csv(parquet_out.also_parquet(batches, io.BytesIO())))

    assert written == b"".join(trail_csv(trail(asked, SRHEA)))
    assert f"'{FORMULA}".encode() in written


@given(st.lists(st.tuples(CELLS, st.none() | CELLS, st.none() | st.integers(-(2**63), 2**63 - 1))))
def test_columns_are_written_as_rows_are(cells: list[tuple[str, str | None, int | None]]) -> None:
    rows = [replace(PLAIN, uri=uri, referer=referer, bytes=size) for uri, referer, size in cells]

    for is_raw in (False, True):
        tables = parquet_out.also_parquet(table_of(rows).to_batches(), io.BytesIO())
        written = b"".join(columns_csv(tables, is_raw=is_raw))

        assert written == b"".join(trail_csv(rows, is_raw=is_raw))


def test_a_year_of_five_digits_is_no_instant_and_hides_no_other() -> None:
    rows = [replace(PLAIN, time=time) for time in ("10000-01-01T00:00:00.000000Z", PLAIN.time)]
    file = io.BytesIO()

    list(parquet_out.also_parquet(table_of(rows).to_batches(), file))

    assert pq.read_table(file)[parquet_out.INSTANT].to_pylist() == [
        None,
        datetime(2026, 11, 20, 9, tzinfo=UTC),
    ]


def test_rows_are_written_in_groups_of_limited_size(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_out, "ROWS_AT_ONCE", 3)
    file = io.BytesIO()

    # Neither larger nor smaller batches change the groups.
    with batches_of(engine(REQUESTS), rows_at_once=2) as batches:
        passed = list(parquet_out.also_parquet(batches, file))

    assert [table.num_rows for table in passed] == [3, 1]
    assert pq.ParquetFile(file).num_row_groups == 2
    assert pq.ParquetFile(file).metadata.num_rows == 4


def test_no_rows_are_files_with_columns() -> None:
    file = io.BytesIO()

    written = b"".join(columns_csv(parquet_out.also_parquet([], file)))

    assert written == b"".join(trail_csv([]))
    assert pq.read_table(file).schema.names == parquet_out.SCHEMA.names
