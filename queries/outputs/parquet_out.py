"""Writes a trail as Parquet: one row for each request, with the columns of CSV and JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from operator import attrgetter
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from queries.trail import TrailRow

# Of one group of rows, which is held in memory.
ROWS_AT_ONCE = 20_000

# Of a time in RFC 3339, up to its microseconds.
_MICROSECONDS = len("2026-11-20T09:51:07.123456")

_INTEGERS = frozenset({"status", "bytes", "line_number", "size_bytes"})

# The instant as a type of its own; `time` has the text, which may have nanoseconds.
INSTANT = "event_time"

_values = attrgetter(*(field.name for field in fields(TrailRow)))

SCHEMA = pa.schema(
    [
        *(
            pa.field(field.name, pa.int64() if field.name in _INTEGERS else pa.string())
            for field in fields(TrailRow)
        ),
        pa.field(INSTANT, pa.timestamp("us", tz="UTC")),
    ]
)


def also_parquet(rows: Iterable[TrailRow], file: IO[bytes]) -> Iterator[TrailRow]:
    """The same rows; after the last one, `file` has all of them as Parquet."""
    remaining = iter(rows)
    with pq.ParquetWriter(file, SCHEMA, compression="zstd") as writer:
        while some := list(islice(remaining, ROWS_AT_ONCE)):
            writer.write_table(_table(some))
            yield from some


def _table(rows: list[TrailRow]) -> pa.Table:
    columns = [
        _array(values, field.type)
        for field, values in zip(SCHEMA, zip(*map(_values, rows), strict=True), strict=False)
    ]
    instants = pa.array([_instant(row.time) for row in rows], type=SCHEMA.field(INSTANT).type)
    return pa.Table.from_arrays([*columns, instants], schema=SCHEMA)


def _array(values: Sequence[object], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        return pa.array([_value(each) for each in values], type=kind)


def _value(value: object) -> object:
    """A name may have surrogates of a command line, which are no UTF-8; other texts are unchanged."""
    return (
        value.encode(errors="surrogateescape").decode(errors="replace")
        if isinstance(value, str)
        else value
    )


def _instant(text: str | None) -> datetime | None:
    """None also for a year that no calendar of Python has."""
    try:
        return datetime.fromisoformat(f"{text[:_MICROSECONDS]}+00:00") if text else None
    except ValueError:
        return None
