"""A trail as Parquet and as raw CSV: every request, unchanged."""

import csv
import io
from collections.abc import Callable
from dataclasses import asdict

import pyarrow.parquet as pq
import pytest

from queries.engine import Engine
from queries.identity.person import Person
from queries.outputs import parquet_out
from queries.outputs.csv_out import trail_csv
from queries.trail import TrailRow, trail
from tests.factories import record

Engines = Callable[..., Engine]

FORMULA = "=HYPERLINK(1)"


def rows_of(engine: Engines) -> list[TrailRow]:
    requests = [
        record(ClientRequestUserAgent=FORMULA),
        record(EdgeStartTimestamp="2026-11-20T09:00:00.123456789Z", ClientRequestURI="/b\x00"),
        record(EdgeStartTimestamp=None, EdgeEndTimestamp=None),
    ]
    return list(trail(engine(requests), Person.only("srhea")))


def test_both_formats_have_every_value_as_it_is(engine: Engines) -> None:
    rows, file = rows_of(engine), io.BytesIO()

    raw = b"".join(trail_csv(parquet_out.also_parquet(rows, file), is_raw=True)).decode()

    table = pq.read_table(file)
    instants = table.column(parquet_out.INSTANT).to_pylist()
    assert table.drop_columns(parquet_out.INSTANT).to_pylist() == [asdict(row) for row in rows]
    assert [instant.isoformat() if instant else None for instant in instants] == [
        f"{row.time[:26]}+00:00".replace(".000000", "") if row.time else None for row in rows
    ]
    agents = {row["user_agent"] for row in csv.DictReader(io.StringIO(raw, newline=""))}
    assert FORMULA in agents


def test_a_formula_is_guarded_unless_raw_is_asked_for(engine: Engines) -> None:
    guarded = b"".join(trail_csv(rows_of(engine))).decode()

    assert f"'{FORMULA}" in guarded


def test_rows_are_written_in_groups_of_limited_size(
    engine: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_out, "ROWS_AT_ONCE", 2)
    file = io.BytesIO()

    passed = list(parquet_out.also_parquet(iter(rows_of(engine)), file))

    assert len(passed) == 3
    assert pq.ParquetFile(file).num_row_groups == 2
    assert pq.ParquetFile(file).metadata.num_rows == 3


def test_no_rows_are_a_file_with_columns() -> None:
    file = io.BytesIO()

    assert list(parquet_out.also_parquet([], file)) == []
    assert pq.read_table(file).schema.names == parquet_out.SCHEMA.names
