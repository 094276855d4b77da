"""Writes one Parquet file from Arrow tables: rows in order, read back, synced, linked to its name."""

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import DiskFailed, NoRoom, StoreUnavailable
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.layout import SORTED_LABEL
from store.parquet.dictionaries import in_order, used_only
from store.parquet.drafts.part_draft import PartDraft
from store.parquet.fingerprint import fingerprint
from store.parquet.footer import FORMAT, Footer, Lineage, NamedFile
from store.parquet.footer_check import FooterMark
from store.parquet.options import Encodings, as_decoded, as_measured, options
from store.parquet.row_order import SORT_COLUMNS, without_dictionaries
from store.parquet.statistics.user_day import UserDays
from store.parquet.statistics.user_days import UserDayCounter
from store.parquet.statistics.value_range import Range, ends, extremes, time_text
from store.parquet.stored_columns import as_stored

# Best or equal in every query measured but bytes read.
ROW_GROUP_ROWS = 122_880

# A question about a person or a Ray ID unpacks one row group of each month, so fewer rows make it
# shorter; but each has dictionaries of its own, so a day's are larger, and a month's packed harder.
MONTH_ROW_GROUP_ROWS = 51_200


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One finished part, as the catalog will list it; `path` is absolute, `columns` a fingerprint.

    `unfinished` is its other name, which goes once the catalog lists it.
    """

    path: Path
    unfinished: Path
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
    user_days: UserDays
    footer: FooterMark | None

    @property
    def named(self) -> NamedFile:
        """As the catalog will name it."""
        return NamedFile(
            path=self.path,
            sha256=self.sha256,
            dataset=self.dataset,
            day=self.day,
            format=FORMAT,
        )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a file is to hold: rows of a dataset and day (or month) in the columns of `schema`."""

    dataset: str
    day: str
    schema: pa.Schema
    lineage: Lineage


class PartFile:
    """Takes tables whose rows are in the order of the part; `finish` makes them durable.

    It is the one writer of finished files, and what it writes is of the newest format.
    """

    def __init__(self, folder: Path, content: Content, kind: Kind = LOADED) -> None:
        self._kind = kind
        self._content = content
        self._schema = as_stored(content.schema, content.dataset)
        self._draft = PartDraft(folder, kind.label)
        self.rows = 0
        self._times = Range()
        self._users = Range()
        self._user_days = UserDayCounter()
        # Opened with the first rows, which tell what columns are worth a dictionary.
        self._writer: pq.ParquetWriter | None = None

    def write(self, table: pa.Table) -> None:
        """Write rows that follow those written before, as one row group or more.

        A row group lists no text that none of its rows has, whatever the table's dictionaries list.
        """
        if set(SORT_COLUMNS) <= set(table.column_names):
            self._times.widen(*extremes(table["event_time"]))
            self._users.widen(*ends(table["user_id"]))
            self._user_days.add(table)
        for start in range(0, table.num_rows, ROW_GROUP_ROWS):
            self._write_row_group(used_only(table.slice(start, ROW_GROUP_ROWS)))
        self.rows += table.num_rows

    def finish(self, name: str) -> Part:
        """Read back, sync and link the part as `name`, which no file may have had before."""
        content = self._content
        footer = Footer.of(content.dataset, content.day, content.lineage, name)
        with disk_errors("finishing a part"):
            writer = self._opened(content.schema.empty_table())
            writer.add_key_value_metadata(footer.metadata())
            writer.close()
        linked = self._draft.finish(name, dataset=content.dataset, rows=self.rows)
        return Part(
            path=linked.path,
            unfinished=linked.unfinished,
            dataset=content.dataset,
            day=content.day,
            sha256=linked.sha256,
            bytes=linked.bytes,
            rows=self.rows,
            time_min=time_text(self._times.low),
            time_max=time_text(self._times.high),
            user_min=self._users.low,
            user_max=self._users.high,
            columns=fingerprint(self._schema),
            user_days=self._user_days.result(),
            footer=linked.footer,
        )

    def abandon(self) -> None:
        """Remove what was written, under both names; the error that led here is the one to report."""
        with contextlib.suppress(Exception):
            if self._writer is not None:
                self._writer.close()
        self._draft.abandon()

    def _write_row_group(self, group: pa.Table) -> None:
        if self._kind.is_dense:
            group = in_order(group)
        with disk_errors("writing a part"):
            writer = self._opened(group)
            writer.write_table(_encoded_as(writer.schema, group), row_group_size=ROW_GROUP_ROWS)

    def _opened(self, first: pa.Table) -> pq.ParquetWriter:
        if self._writer is None:
            encodings = self._kind.encodings(first)
            schema = _with_encodings(self._schema, first.schema, encodings)
            how = options(schema, first.num_rows, encodings, is_dense=self._kind.is_dense)
            self._writer = pq.ParquetWriter(self._draft.sink, schema, **how)
        return self._writer


def settle(parts: Iterable[Part]) -> None:
    """Take the unfinished names of parts that the catalog lists now.

    A name that cannot be removed, or that a power cut brings back, is removed by the next sweep.
    """
    for part in parts:
        with contextlib.suppress(DiskFailed, NoRoom, StoreUnavailable):
            durable.remove(part.unfinished, synced=False)


def _with_encodings(stored: pa.Schema, first: pa.Schema, encodings: Encodings) -> pa.Schema:
    """Texts that are to be plain as plain texts; the others as they came."""
    kinds = {
        field.name: field.type
        for field in first
        if pa.types.is_dictionary(field.type) and field.name in encodings.dictionaries
    }
    return pa.schema(field.with_type(kinds.get(field.name, _plain(field.type))) for field in stored)


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _encoded_as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    """The table with dictionaries in just the columns where the part has them already, and the
    types that the file has.
    """
    plain = {field.name for field in schema if not pa.types.is_dictionary(field.type)}
    table = without_dictionaries(table, plain)
    columns = [
        _encoded(column, field.type) for field, column in zip(schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _encoded(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if kind == column.type:
        return column
    return column.dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)
