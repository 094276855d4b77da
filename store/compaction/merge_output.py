"""Writes sorted rows to files: full row groups, split between users, rows without a user apart."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from store.catalog.scope import user_key
from store.files.layout import SORTED_PREFIX
from store.parquet.ordered_part import WAITING_BYTES_MAX
from store.parquet.part_file import SORTED, Content, Kind, Part, PartFile
from store.parquet.row_order import SORT_COLUMNS, joined, shaped
from store.parquet.sorted_run import first_where, mark_at

# Some 340 MB: few files for a year's trail, and little to write again when late rows come.
FILE_ROWS_TARGET = 4_000_000


@dataclass(frozen=True, slots=True)
class SortedPart:
    """A finished file, and whose rows are in it, as `people` counts them."""

    part: Part
    names: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the files are written; no other file name begins with `stem`."""

    folder: Path
    content: Content
    stem: str
    kind: Kind = SORTED
    file_rows: int = FILE_ROWS_TARGET


class _Waiting:
    """Rows in order that are not written yet."""

    def __init__(self, row_group_rows: int) -> None:
        self._row_group_rows = row_group_rows
        self._tables: list[pa.Table] = []

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self._tables)

    def add(self, table: pa.Table) -> None:
        self._tables.append(table)

    def is_enough(self) -> bool:
        return self.rows >= self._row_group_rows or self._bytes() >= WAITING_BYTES_MAX

    def first(self) -> pa.Table:
        """The first of them as one table, as many as a row group may have."""
        that_fit = max(self.rows * WAITING_BYTES_MAX // max(self._bytes(), 1), 1)
        found, lacking = [], min(self._row_group_rows, that_fit)
        for table in self._tables:
            found.append(table.slice(0, lacking))
            lacking -= found[-1].num_rows
            if not lacking:
                break
        return joined(found)

    def drop(self, rows: int) -> None:
        """Release the memory of the first rows."""
        while rows >= self._tables[0].num_rows:
            rows -= self._tables.pop(0).num_rows
            if not rows:
                return
        self._tables[0] = self._tables[0].slice(rows)

    def _bytes(self) -> int:
        return sum(table.nbytes for table in self._tables)


class SortedOutput(ExitStack):
    """Takes tables in order; on an error nothing stays but drafts' finished predecessors."""

    def __init__(self, target: Target) -> None:
        super().__init__()
        self._target = target
        self._waiting = _Waiting(target.kind.row_group_rows)
        self._file: PartFile | None = None
        self._last_user: tuple[bool, str] | None = None
        self._names: set[int] = set()
        self._finished: list[SortedPart] = []
        self.callback(self._abandon)

    def add(self, table: pa.Table) -> None:
        self._waiting.add(table)
        while self._waiting.is_enough():
            self._write()

    def finish(self) -> list[SortedPart]:
        while self._waiting.rows:
            self._write()
        self._close()
        return self._finished

    def _write(self) -> None:
        """Write one row group of what waits; what is left of it waits on."""
        group = self._next_group()
        self._opened().write(shaped(group, self._target.content.schema))
        self._note_users(group)
        self._waiting.drop(group.num_rows)

    def _next_group(self) -> pa.Table:
        """The first rows, as many as fit into one row group of one file."""
        group = self._waiting.first()
        if not set(SORT_COLUMNS) <= set(group.column_names):
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
            self._file = PartFile(to.folder, to.content, to.kind)
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
        yield user_key(user)
