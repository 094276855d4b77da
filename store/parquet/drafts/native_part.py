"""Writes a part from the block that its rows were decoded to, in Rust and without Arrow tables.

The file is as PartFile would write it: same columns, statistics, bloom filters, order and footer.
Texts that do not repeat are PLAIN, and numbers that do not repeat are differences.
"""

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pyarrow as pa

from native import _native
from schema.columns import loaded_schema
from schema.dataset import Dataset
from schema.decoding.native_rows import NativeRows
from store.parquet.drafts.part_draft import PartDraft
from store.parquet.fingerprint import fingerprint
from store.parquet.footer import Footer
from store.parquet.options import LEVEL, SEARCHED, bloom_values
from store.parquet.part_file import LOADED, ROW_GROUP_ROWS, Content, Part
from store.parquet.row_order import SORT_COLUMNS
from store.parquet.statistics.user_days import UserDayCounter
from store.parquet.statistics.value_range import Range, time_text
from store.parquet.stored_columns import INSTANT, as_stored, field_id

# As many datasets as a store may have.
DATASETS_MAX = 1_000

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (the catalog's times are UTC)

_KINDS = {
    pa.string(): "text",
    pa.int64(): "whole",
    pa.int16(): "nanoseconds",
    pa.float64(): "double",
    pa.bool_(): "truth",
    INSTANT: "time",
}
_LIST_KINDS = {pa.string(): "texts", pa.int64(): "wholes"}


class NativePart:
    """Takes rows that are sorted; `finish` makes them durable, like PartFile."""

    def __init__(self, folder: Path, content: Content, dataset: Dataset) -> None:
        self._content = content
        self._columns, self._fingerprint = columns_of(dataset)
        self._writer = _native.PartWriter(list(self._columns), list(SORT_COLUMNS), LEVEL)
        self._draft = PartDraft(folder, LOADED.label)
        self._rows = 0
        self._times = Range()
        self._users = Range()
        self._user_days = UserDayCounter()

    def write(self, rows: NativeRows, days: list[tuple[int, int | None]] | None) -> None:
        """Write the rows of some days of some batches, or all rows, as one row group or more."""
        content, count, times, users, user_days = self._writer.write(
            rows.native, days, ROW_GROUP_ROWS, self._rows
        )
        self._draft.sink.write(content)
        self._rows += count
        self._times.widen(*(times or (None, None)))
        self._users.widen(*(users or (None, None)))
        self._user_days.add_counted(pa.Table.from_batches([user_days]))

    def finish(self, name: str) -> Part:
        """Read back, sync and link the part as `name`, which no file may have had before."""
        content = self._content
        footer = Footer.of(content.dataset, content.day, content.lineage, name)
        self._draft.sink.write(self._writer.finish(list(footer.metadata().items())))
        linked = self._draft.finish(name, dataset=content.dataset, rows=self._rows)
        return Part(
            path=linked.path,
            unfinished=linked.unfinished,
            dataset=content.dataset,
            day=content.day,
            sha256=linked.sha256,
            bytes=linked.bytes,
            rows=self._rows,
            time_min=_time_text(self._times.low),
            time_max=_time_text(self._times.high),
            user_min=self._users.low,
            user_max=self._users.high,
            columns=self._fingerprint,
            user_days=self._user_days.result(),
            footer=linked.footer,
        )

    def abandon(self) -> None:
        """Remove what was written. The error that led here is the one to report."""
        self._draft.abandon()


@lru_cache(DATASETS_MAX)
def columns_of(dataset: Dataset) -> "tuple[tuple[_native.Column, ...], str]":
    """The columns of a part as Rust takes them, and their fingerprint."""
    schema = as_stored(loaded_schema(dataset), dataset.name)
    return tuple(_column(field) for field in schema), fingerprint(schema)


def _column(field: pa.Field) -> "_native.Column":
    is_list = pa.types.is_list(field.type)
    kind = _LIST_KINDS[field.type.value_type] if is_list else _KINDS[field.type]
    element_id = field_id(field.type.value_field) if is_list else None
    blooms = bloom_values(ROW_GROUP_ROWS)
    return (
        field.name,
        kind,
        field_id(field),
        element_id,
        field.name in SEARCHED,
        blooms.get(field.name),
    )


def _time_text(microseconds: int | None) -> str | None:
    if microseconds is None:
        return None
    return time_text(_EPOCH + timedelta(microseconds=microseconds))
