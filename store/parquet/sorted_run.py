"""A finished file as sorted rows: some are in memory, the rest are read slice by slice."""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import pyarrow as pa

from store.parquet.row_order import SORT_COLUMNS, stacked

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
            raise ValueError("no row of this run was read yet")
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
