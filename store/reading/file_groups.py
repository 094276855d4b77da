"""Sorts the files of a dataset into groups that are read together, and selects their columns."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb

from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.parquet.stored_columns import INSTANT
from store.reading.snapshot import Snapshot

# The day's folder is a column of each file in it, so DuckDB opens only the files of the days that
# are asked for. Other files lie in `month=` or in `date=__other__`.
_READ_DAYS = """
    SELECT {columns}, date FROM read_parquet(
        {files}, union_by_name = {by_name}, hive_partitioning = true, hive_types = {{'date': 'DATE'}}
    )
"""
_READ_OTHERS = """
    SELECT {columns}, {date} AS date FROM read_parquet(
        {files}, union_by_name = {by_name}, hive_partitioning = false
    )
"""
_READ_COLUMNS = """
    SELECT * FROM read_parquet($paths, union_by_name = {by_name}, hive_partitioning = false)
"""
# The day in UTC, whatever the zone of the session.
_DAY_OF_EVENT = "make_timestamp(epoch_us(event_time))::DATE"
_NO_DAY = "NULL::DATE"

_TIMES = frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"})


class FileGroup(NamedTuple):
    """Files with the same columns in the same kind of folder.

    `shape` selects the dataset's columns from them; None if this version does not know how.
    `fingerprint` is that of their columns, None if the catalog has none. The events of near files
    are between NEAR_YEARS.
    """

    paths: tuple[Path, ...]
    fingerprint: str | None
    shape: str | None
    is_day: bool
    by_name: bool
    is_near: bool
    has_time: bool

    def query(self, connection: duckdb.DuckDBPyConnection, files: str) -> str:
        """`files` is an expression. The text contains only names, and they are quoted."""
        columns, has_time = (self.shape, self.has_time) if self.shape else self._found(connection)
        read = _READ_DAYS if self.is_day else _READ_OTHERS
        day = _DAY_OF_EVENT if has_time else _NO_DAY
        return read.format(columns=columns, date=day, files=files, by_name=_sql(self.by_name))

    def _found(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, bool]:
        """All columns, as the files themselves tell them, and whether one is the time."""
        read = _READ_COLUMNS.format(by_name=_sql(self.by_name))
        found = connection.sql(read, params={"paths": [str(path) for path in self.paths]})
        kinds = {
            name: str(kind)
            for name, kind in zip(found.columns, found.types, strict=True)
            if name != "date"
        }
        times = {name for name, kind in kinds.items() if kind == "TIMESTAMP"}
        columns = dataset_columns.listed(kinds, times, is_near=self.is_near)
        return columns, kinds.get("event_time") in _TIMES


def groups_of(snapshot: Snapshot, name: str) -> Iterator[FileGroup]:
    for fingerprint, paths in snapshot.alike(name):
        held = dataset_columns.held(name, fingerprint)
        is_newest = held is not None and INSTANT in held.types
        for is_day, among in _by_folder(paths):
            for is_near, found in [(True, among)] if is_newest else _by_nearness(among):
                if not found:
                    continue
                shape = None
                if held is not None and fingerprint is not None:
                    shape = dataset_columns.selected(name, fingerprint, is_near=is_near)
                yield FileGroup(
                    paths=found,
                    fingerprint=fingerprint,
                    shape=shape,
                    is_day=is_day,
                    by_name=fingerprint is None and len(found) > 1,
                    is_near=is_near,
                    has_time=held is not None and "event_time" in held.names,
                )


def files_macro(name: str, number: int) -> str:
    """The call of the macro with the files of a group."""
    return f"shape.{quoted(f'files_{number}_of_{name}')}()"


def _by_folder(paths: Sequence[Path]) -> Iterator[tuple[bool, tuple[Path, ...]]]:
    """By whether they lie in the folder of a day."""
    days = [_is_day(path) for path in paths]
    for is_day in (False, True):
        pairs = zip(paths, days, strict=True)
        yield is_day, tuple(path for path, is_so in pairs if is_so is is_day)


def _is_day(path: Path) -> bool:
    key, _, day = path.parent.name.partition("=")
    if key != "date":
        return False
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _by_nearness(paths: Sequence[Path]) -> Iterator[tuple[bool, tuple[Path, ...]]]:
    """By whether the day or month of their folder is near; `__other__` is not."""
    first, last = dataset_columns.NEAR_YEARS
    near = [first <= path.parent.name.partition("=")[2][:4] <= last for path in paths]
    for is_near in (True, False):
        pairs = zip(paths, near, strict=True)
        yield is_near, tuple(path for path, is_so in pairs if is_so is is_near)


def _sql(flag: bool) -> str:
    return str(flag).lower()
