"""Rows in order become finished files: full row groups, cut between users, NULL users apart."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from store import people
from store.layout import SORTED_PREFIX
from store.part_file import ROW_GROUP_ROWS, SORTED, Part, PartFile
from store.row_order import SORT_COLUMNS, joined
from store.sorted_run import first_where, mark_at

# Some 340 MB: few files for a year's trail, and little to write again when late rows come.
FILE_ROWS_TARGET = 4_000_000

# A dictionary with more values than this share of the rows it serves is made smaller first.
_UNUSED_VALUES_FACTOR = 2


@dataclass(frozen=True, slots=True)
class SortedPart:
    """A finished file, and whose rows are in it, as `people` counts them."""

    part: Part
    names: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the files go; `stem` makes their names nobody else's."""

    folder: Path
    dataset: str
    label: str
    stem: str
    schema: pa.Schema
    file_rows: int = FILE_ROWS_TARGET


class SortedOutput(ExitStack):
    """Takes tables in order; on an error nothing stays but drafts' finished predecessors."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._waiting: list[pa.Table] = []
        self._file: PartFile | None = None
        self._last_user: tuple[bool, str] | None = None
        self._names: set[int] = set()
        self._finished: list[SortedPart] = []
        self.callback(self._abandon)

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        if sum(each.num_rows for each in self._waiting) >= ROW_GROUP_ROWS:
            self._write(is_last=False)

    def finish(self) -> list[SortedPart]:
        self._write(is_last=True)
        self._close()
        return self._finished

    def _write(self, *, is_last: bool) -> None:
        """Write what waits in whole row groups; what is left of it waits on."""
        if not self._waiting:
            return
        rows = joined(self._waiting)
        self._waiting = []
        while rows.num_rows >= ROW_GROUP_ROWS or (is_last and rows.num_rows):
            group = self._next_group(rows)
            self._opened().write(_tight(group))
            self._note_users(group)
            rows = rows.slice(group.num_rows)
        if rows.num_rows:
            self._waiting = [rows]

    def _next_group(self, rows: pa.Table) -> pa.Table:
        """The first rows, as many as fit into one row group of one file."""
        group = rows.slice(0, ROW_GROUP_ROWS)
        if not set(SORT_COLUMNS) <= set(rows.column_names):
            return group
        first = mark_at(group, 0)[:2]
        if self._last_user is not None and self._must_cut(self._last_user, first):
            self._close()
        has_no_user = first[0]
        if not has_no_user and mark_at(group, group.num_rows - 1)[0]:
            return group.slice(0, first_where(group, lambda here: here[0]))
        if self._is_full() and self._last_user == first:
            # The rest of one user's rows stay with the others of theirs.
            return group.slice(0, first_where(group, lambda here: here[:2] > first))
        return group

    def _must_cut(self, last: tuple[bool, str], first: tuple[bool, str]) -> bool:
        """Between the user of the last row written and that of the next."""
        has_no_user, had_no_user = first[0], last[0]
        return has_no_user != had_no_user or (self._is_full() and (has_no_user or first != last))

    def _is_full(self) -> bool:
        return self._file is not None and self._file.rows >= self._target.file_rows

    def _opened(self) -> PartFile:
        if self._file is None:
            to = self._target
            self._file = PartFile(to.folder, to.dataset, to.label, to.schema, SORTED)
        return self._file

    def _close(self) -> None:
        if self._file is not None:
            name = f"{SORTED_PREFIX}{self._target.stem}-{len(self._finished):03d}.parquet"
            part = self._file.finish(name)
            self._finished.append(SortedPart(part, frozenset(self._names)))
            self._file, self._last_user, self._names = None, None, set()

    def _note_users(self, group: pa.Table) -> None:
        if set(SORT_COLUMNS) <= set(group.column_names):
            self._last_user = mark_at(group, group.num_rows - 1)[:2]
            self._names |= set(names_in(group))

    def _abandon(self) -> None:
        if self._file is not None:
            self._file.abandon()


def names_in(table: pa.Table) -> Iterator[int]:
    """Whose rows these are, as `people` counts them."""
    for user in pc.unique(table["user_id"]).drop_null().to_pylist():
        yield people.who(user)


def _tight(group: pa.Table) -> pa.Table:
    """Dictionaries without the values that only other row groups use."""
    columns = [
        _tight_column(column, group.num_rows) if pa.types.is_dictionary(column.type) else column
        for column in group.columns
    ]
    return pa.Table.from_arrays(columns, schema=group.schema)


def _tight_column(column: pa.ChunkedArray, rows: int) -> pa.ChunkedArray:
    whole: Any = column.combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    if len(whole.dictionary) * _UNUSED_VALUES_FACTOR <= rows // 64:
        return column  # Too small to matter.
    used = whole.indices.unique().drop_null()
    if len(used) * _UNUSED_VALUES_FACTOR > len(whole.dictionary):
        return column
    indices = pc.index_in(whole.indices, value_set=used)
    return pa.chunked_array([pa.DictionaryArray.from_arrays(indices, whole.dictionary.take(used))])
