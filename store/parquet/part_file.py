"""One Parquet file on its way: drafted in order, read back to the last byte, synced, then linked."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store import timestamps
from store.errors import DiskFailed
from store.files import durable
from store.files.hashed_writer import HashedWriter
from store.files.layout import SORTED_LABEL, draft_path
from store.parquet.fingerprint import fingerprint
from store.parquet.options import Encodings, as_decoded, as_measured, options
from store.parquet.row_order import SORT_COLUMNS, without_dictionaries

# Best or equal in every query measured but bytes read.
ROW_GROUP_ROWS = 122_880

# A question about a person or a Ray ID unpacks one row group of each month it looks at, so that
# with fewer rows it is shorter; but each row group has dictionaries of its own, which is why a day's
# are larger, and a month's packed harder.
MONTH_ROW_GROUP_ROWS = 51_200

# Enough to see that the rows are all there and can be decoded; what else could be wrong shows in
# the bytes.
PROVED_COLUMNS = ("batch_id", "line_number")


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


@dataclass(frozen=True, slots=True)
class Kind:
    """Whose drafts these are, and how columns are encoded, by the first rows of a file.

    One that is dense takes time to save bytes, since it is written once and read for years.
    """

    label: str
    encodings: Callable[[pa.Table], Encodings]
    row_group_rows: int = ROW_GROUP_ROWS
    is_dense: bool = False


LOADED = Kind("part", as_decoded)
SORTED = Kind(SORTED_LABEL, as_measured)
MONTHLY = Kind(SORTED_LABEL, as_measured, MONTH_ROW_GROUP_ROWS, is_dense=True)


class PartFile:
    """Takes tables whose rows are in the order of the part; `finish` makes them durable."""

    def __init__(
        self, folder: Path, dataset: str, day: str, schema: pa.Schema, kind: Kind = LOADED
    ) -> None:
        self._kind = kind
        self._folder = folder
        self._dataset = dataset
        self._day = day
        self._schema = schema
        self._draft = draft_path(folder, kind.label)
        self.rows = 0
        self._times = _Range()
        self._users = _Range()
        self._sink = HashedWriter(self._draft)
        # Opened with the first rows, which tell what columns are worth a dictionary.
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """Write rows that follow those written before, as one row group or more."""
        if set(SORT_COLUMNS) <= set(table.column_names):
            self._times.widen(*_extremes(table["event_time"]))
            self._users.widen(*_ends(table["user_id"]))
        with durable.disk_errors("writing a part"):
            writer = self._opened(table)
            writer.write_table(_encoded_as(writer.schema, table), row_group_size=ROW_GROUP_ROWS)
        self.rows += table.num_rows

    def finish(self, name: str) -> Part:
        """Read back, sync and link the part as `name`. A leftover of that name is replaced:
        only one process writes names of its kind, and what the catalog names is never written again.
        """
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
            rows=self.rows,
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
            encodings = self._kind.encodings(first)
            schema = _with_encodings(first.schema, encodings)
            is_dense = self._kind.is_dense
            how = options(schema, first.num_rows, encodings, is_dense=is_dense)
            self._writer = pq.ParquetWriter(self._sink, schema, **how)
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
        if rows != self.rows:
            raise DiskFailed(f"wrote {self.rows} rows of {self._dataset}, read back {rows}")


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


def _with_encodings(schema: pa.Schema, encodings: Encodings) -> pa.Schema:
    """Texts that are to be plain as plain texts; the others as they came."""
    return pa.schema(
        field.with_type(field.type.value_type)
        if pa.types.is_dictionary(field.type) and field.name not in encodings.dictionaries
        else field
        for field in schema
    )


def _encoded_as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """The table with dictionaries in just the columns where the part has them already."""
    plain = {field.name for field in schema if not pa.types.is_dictionary(field.type)}
    table = without_dictionaries(table, plain)
    columns = [
        column.dictionary_encode() if field.type != column.type else column
        for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _time_text(value: datetime | None) -> str | None:
    return None if value is None else timestamps.to_text(value)
