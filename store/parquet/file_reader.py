"""One finished file, read forwards: its rows in their order, a slice at a time."""

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from store.errors import StoreDamaged
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.parquet.row_order import SORT_COLUMNS, stacked

# What is read at once of one column; a page, if that is larger.
BUFFER_BYTES = 64 * 1024

# Where a row stands: user, then time, each behind all others when it is NULL.
Mark = tuple[bool, str, bool, int]


@dataclass(slots=True)
class SortedRun:
    """`slices` are rows not read yet, `rows_left` how many; `held` those read and not handed on,
    of which some `step_rows` go on at once.
    """

    slices: Generator[pa.Table]
    rows_left: int
    step_rows: int = 1
    held: pa.Table | None = None

    @property
    def rows(self) -> int:
        return self.held.num_rows if self.held is not None else 0

    def has_marks(self) -> bool:
        return set(SORT_COLUMNS) <= set(self._held().column_names)

    def read(self) -> None:
        """Hold one slice more."""
        more = next(self.slices)
        self.rows_left -= more.num_rows
        if not self.rows_left:
            self.slices.close()  # And the file with it, which takes more memory than a slice.
        self.held = stacked([self.held, more]) if self.held is not None and self.rows else more

    def last_mark(self) -> Mark:
        held = self._held()
        return mark_at(held, held.num_rows - 1)

    def has_more(self) -> bool:
        """Whether there are rows behind those of one step."""
        return self.rows_left > 0 or self.rows > self.step_rows

    def step_mark(self) -> Mark:
        """Where the rows of one step end."""
        return mark_at(self._held(), min(self.rows, self.step_rows) - 1)

    def rows_through(self, mark: Mark) -> int:
        return first_where(self._held(), lambda here: here > mark)

    def take_before(self, mark: Mark) -> pa.Table:
        """Hand over the held rows that stand before `mark`."""
        return self._take(first_where(self._held(), lambda here: here >= mark))

    def take_through(self, mark: Mark) -> pa.Table:
        """And those at `mark` itself."""
        return self._take(self.rows_through(mark))

    def take_all(self) -> pa.Table:
        return self._take(self.rows)

    def _take(self, rows: int) -> pa.Table:
        held = self._held()
        self.held = held.slice(rows)
        return held.slice(0, rows)

    def _held(self) -> pa.Table:
        if self.held is None:
            raise ValueError("nothing was read of this run")
        return self.held


def mark_at(table: pa.Table, row: int) -> Mark:
    user, time = (table[name][row] for name in SORT_COLUMNS)
    return (
        not user.is_valid,
        user.as_py() or "",
        not time.is_valid,
        time.value if time.is_valid else 0,
    )


def first_where(table: pa.Table, is_past: Callable[[Mark], bool]) -> int:
    """The first of rows in order that is past something; as few are looked at as halvings."""
    low, high = 0, table.num_rows
    while low < high:
        middle = (low + high) // 2
        if is_past(mark_at(table, middle)):
            high = middle
        else:
            low = middle + 1
    return low


@contextmanager
def opened(
    path: Path, sha256: str, folded_bytes_max: int | None = None
) -> Iterator[pq.ParquetFile]:
    """A file whose bytes are still those the catalog names; StoreDamaged when they are not.

    Texts that take more in a row group than `folded_bytes_max` come without a dictionary.
    Whoever rewrites a file would give a damage in it a new, good hash.
    """
    demand_unchanged(path, sha256)
    with reading(path):
        footer = pq.read_metadata(path)
        with pq.ParquetFile(
            path,
            metadata=footer,
            page_checksum_verification=True,
            read_dictionary=_repeating(footer, folded_bytes_max),
            # Else all that was read of the file stays in memory until it is closed.
            pre_buffer=False,
            buffer_size=BUFFER_BYTES,
        ) as file:
            yield file


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """StoreDamaged, by the file's name, for what Arrow says of a file it cannot read."""
    try:
        yield
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreDamaged(f"{path.name} cannot be read: {error}") from error


def demand_unchanged(path: Path, sha256: str) -> None:
    found = hashlib.sha256()
    if not path.is_file():
        raise StoreDamaged(f"{path.name} is missing")
    with durable.disk_errors(f"reading {path.name}"), path.open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            found.update(piece)
    if found.hexdigest() != sha256:
        raise StoreDamaged(f"{path.name} is not what was written")


def held_columns(file: pq.ParquetFile) -> list[str]:
    """The columns that are not known to be NULL in every row; the others need not be read."""
    empty = empty_columns(file.metadata)
    return [name for name in file.schema_arrow.names if name not in empty]


def empty_columns(footer: pq.FileMetaData) -> set[str]:
    """Those that are known to be NULL in every row."""
    groups = [footer.row_group(number) for number in range(footer.num_row_groups)]
    return {
        footer.schema.column(place).path
        for place in range(footer.num_columns)
        if groups and all(_is_empty(group.column(place)) for group in groups)
    }


def _is_empty(chunk: pq.ColumnChunkMetaData) -> bool:
    told = chunk.statistics
    return told is not None and told.has_null_count and told.null_count == chunk.num_values


def _repeating(footer: pq.FileMetaData, bytes_max: int | None) -> list[str]:
    """Texts of which the file has dictionaries: they are read as such, and never unfolded."""
    if not footer.num_row_groups:
        return []
    group = footer.row_group(0)
    chunks = (group.column(number) for number in range(group.num_columns))
    schema = footer.schema.to_arrow_schema()
    texts = {field.name for field in schema if pa.types.is_string(field.type)}
    return [
        chunk.path_in_schema
        for chunk in chunks
        if chunk.path_in_schema in texts
        and _is_dictionary(chunk.encodings)
        and (bytes_max is None or chunk.total_uncompressed_size <= bytes_max)
    ]


def _is_dictionary(encodings: Sequence[Any]) -> bool:
    return bool({"PLAIN_DICTIONARY", "RLE_DICTIONARY"} & set(encodings))
