"""Writes a trail as Parquet: one row for each request, with the columns of CSV and JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import IO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from queries.trail import TrailRow

# Of one group of rows, which is held in memory.
ROWS_AT_ONCE = 20_000

# Of a time in RFC 3339, up to its microseconds.
_MICROSECONDS = len("2026-11-20T09:51:07.123456")

_INTEGERS = frozenset({"status", "bytes", "line_number", "size_bytes"})

# The instant as a type of its own; `time` has the text, which may have nanoseconds.
INSTANT = "event_time"

# Of the columns of a trail.
TRAIL = pa.schema(
    pa.field(field.name, pa.int64() if field.name in _INTEGERS else pa.string())
    for field in fields(TrailRow)
)

SCHEMA = TRAIL.append(pa.field(INSTANT, pa.timestamp("us", tz="UTC")))


def also_parquet(batches: Iterable[pa.RecordBatch], file: IO[bytes]) -> Iterator[pa.Table]:
    """The same rows in tables of ROWS_AT_ONCE; after the last one, `file` has all of them as Parquet."""
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        for table in _tables(batches):
            writer.write_table(table.append_column(SCHEMA.field(INSTANT), _instants(table["time"])))
            yield table


def _tables(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    held = TRAIL.empty_table()
    for batch in batches:
        held = pa.concat_tables([held, pa.table(batch).cast(TRAIL)])
        while held.num_rows >= ROWS_AT_ONCE:
            yield held.slice(0, ROWS_AT_ONCE)
            held = held.slice(ROWS_AT_ONCE)
    if held.num_rows:
        yield held


def _instants(times: pa.ChunkedArray) -> pa.Array:
    kind = SCHEMA.field(INSTANT).type
    try:
        return pc.utf8_slice_codeunits(times, 0, _MICROSECONDS).cast(pa.timestamp("us")).cast(kind)
    except pa.ArrowInvalid:
        return pa.array([_instant(each) for each in times.to_pylist()], type=kind)


def _instant(text: str | None) -> datetime | None:
    """None also for a year that no calendar of Python has."""
    try:
        return datetime.fromisoformat(f"{text[:_MICROSECONDS]}+00:00") if text else None
    except ValueError:
        return None
