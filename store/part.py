"""Writes one Parquet part: drafted, read back to the last byte, synced, then linked.

Options are those that measured best: zstd 1, dictionaries except on nearly unique columns,
statistics on the few columns that are searched, bloom filters on user and Ray ID, page checksums
(a flipped bit is otherwise read as a wrong row).
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store import durable, moment
from store.errors import DiskFailed
from store.fingerprint import fingerprint
from store.layout import draft_path
from store.row_order import SORT_COLUMNS, in_order, joined, without_dictionaries
from store.sink import Sink

# Best or equal in every query measured but bytes read.
ROW_GROUP_ROWS = 122_880

# Rows may be a hundred times longer than usual; what waits for its row group ends here.
WAITING_BYTES_MAX = 256 * 1024 * 1024

# Enough to see that the rows are all there and can be decoded; what else could be wrong shows in
# the bytes.
PROVED_COLUMNS = ("batch_id", "line_number")

_SEARCHED = ("user_id", "event_time", "RayID", "ClientIP", "EdgeResponseStatus")
_NEARLY_UNIQUE = frozenset({"ClientSrcPort", "line"})
_BLOOM_USERS_MAX = 20_000  # distinct users of a row group
_BLOOM_FALSE_POSITIVES = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One finished part, as the catalog will list it; `path` is absolute, `columns` a fingerprint."""

    path: Path
    dataset: str
    day: str
    sha256: str
    bytes: int
    rows: int
    time_min: str | None
    time_max: str | None
    user_min: str | None
    user_max: str | None
    columns: str


class PartWriter:
    """Takes tables of one dataset and day; `finish` makes them one durable part."""

    def __init__(self, folder: Path, dataset: str, day: str, schema: pa.Schema) -> None:
        self._folder = folder
        self._dataset = dataset
        self._day = day
        self._schema = schema
        self._draft = draft_path(folder, "part")
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0
        self.waiting_bytes = 0
        self._rows = 0
        self._times = _Range()
        self._users = _Range()
        self._sink = Sink(self._draft)
        # Opened with the first rows, which tell what columns are worth a dictionary.
        self._writer: pq.ParquetWriter | None = None

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        self.waiting_bytes += table.nbytes
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self.write_row_group()

    def write_row_group(self) -> None:
        """Sort what waits and write it."""
        table = in_order(joined(self._waiting))
        self._waiting, self._waiting_rows, self.waiting_bytes = [], 0, 0
        if set(SORT_COLUMNS) <= set(table.column_names):
            self._times.widen(*_extremes(table["event_time"]))
            self._users.widen(*_ends(table["user_id"]))
        with durable.disk_errors("writing a part"):
            writer = self._opened(table)
            writer.write_table(_encoded_as(writer.schema, table), row_group_size=ROW_GROUP_ROWS)
        self._rows += table.num_rows

    def finish(self, name: str) -> Part:
        """Read back, sync and link the part as `name`. A leftover of that name is replaced:
        only the one loader writes here, and what the catalog names is never written again.
        """
        if self._waiting_rows:
            self.write_row_group()
        with durable.disk_errors("finishing a part"):
            self._opened(self._schema.empty_table()).close()
        sha256 = self._sink.verify()
        self._demand_rows()
        self._sink.close()
        target = self._folder / name
        durable.replace(self._draft, target)
        return Part(
            path=target,
            dataset=self._dataset,
            day=self._day,
            sha256=sha256,
            bytes=self._sink.bytes,
            rows=self._rows,
            time_min=_time_text(self._times.low),
            time_max=_time_text(self._times.high),
            user_min=self._users.low,
            user_max=self._users.high,
            columns=fingerprint(self._schema),
        )

    def abandon(self) -> None:
        """Let go of an unfinished draft; the error that led here is what counts."""
        with contextlib.suppress(Exception):
            if self._writer is not None:
                self._writer.close()
        self._sink.close()
        durable.remove(self._draft, synced=False)

    def _opened(self, first: pa.Table) -> pq.ParquetWriter:
        if self._writer is None:
            how = options(first.schema, first.num_rows)
            self._writer = pq.ParquetWriter(self._sink, first.schema, **how)
        return self._writer

    def _demand_rows(self) -> None:
        """Decode a little of what was written, by the page checksums, before anybody may see it."""
        columns = [name for name in PROVED_COLUMNS if name in self._schema.names]
        with (
            durable.disk_errors("reading a part back"),
            pq.ParquetFile(self._draft, page_checksum_verification=True) as file,
        ):
            batches = file.iter_batches(columns=columns, use_threads=False)
            rows = sum(batch.num_rows for batch in batches)
        if rows != self._rows:
            raise DiskFailed(f"wrote {self._rows} rows of {self._dataset}, read back {rows}")


class _Range:
    """The smallest and largest value seen, for the catalog's file pruning."""

    def __init__(self) -> None:
        self.low: Any = None
        self.high: Any = None

    def widen(self, low: Any, high: Any) -> None:
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)


def _extremes(column: pa.ChunkedArray) -> tuple[Any, Any]:
    found = pc.min_max(column).as_py()
    return found["min"], found["max"]


def _ends(sorted_column: pa.ChunkedArray) -> tuple[Any, Any]:
    """First and last of a column in order, whose NULLs come last."""
    held = len(sorted_column) - sorted_column.null_count
    return (sorted_column[0].as_py(), sorted_column[held - 1].as_py()) if held else (None, None)


def _encoded_as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """The table with dictionaries in just the columns where the part has them already."""
    plain = {field.name for field in schema if not pa.types.is_dictionary(field.type)}
    table = without_dictionaries(table, plain)
    columns = [
        column.dictionary_encode() if field.type != column.type else column
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def options(schema: pa.Schema, rows: int) -> dict[str, Any]:
    """How a part of that many rows in its first row group is written."""
    names = set(schema.names)
    is_time = {field.name for field in schema if pa.types.is_timestamp(field.type)}
    delta = (is_time | {"EdgeResponseBytes", "line_number"}) & names
    blooms = {"RayID": rows, "user_id": min(rows, _BLOOM_USERS_MAX)}
    return {
        "compression": "zstd",
        "compression_level": 1,
        "version": "2.6",
        "data_page_version": "1.0",
        # Which texts came as dictionaries is nothing a reader needs to know.
        "store_schema": False,
        "use_dictionary": list(_repeating(schema, delta)),
        "column_encoding": dict.fromkeys(sorted(delta), "DELTA_BINARY_PACKED"),
        "write_statistics": [name for name in _SEARCHED if name in names],
        "bloom_filter_options": {
            name: {"ndv": max(distinct, 1), "fpp": _BLOOM_FALSE_POSITIVES}
            for name, distinct in blooms.items()
            if name in names
        },
        "write_page_checksum": True,
        "sorting_columns": _sorting(schema),
    }


def _repeating(schema: pa.Schema, delta: set[str]) -> Iterator[str]:
    """Columns worth a dictionary: the decoder has told which texts are, by making one."""
    for field in schema:
        is_unique_text = pa.types.is_string(field.type)
        if not is_unique_text and field.name not in delta | _NEARLY_UNIQUE:
            is_list = pa.types.is_list(field.type)
            yield f"{field.name}.list.element" if is_list else field.name


def _sorting(schema: pa.Schema) -> list[pq.SortingColumn] | None:
    if not set(SORT_COLUMNS) <= set(schema.names):
        return None
    order = [(column, "ascending") for column in SORT_COLUMNS]
    return list(pq.SortingColumn.from_ordering(schema, order))


def _time_text(value: datetime | None) -> str | None:
    return None if value is None else moment.to_text(value)
