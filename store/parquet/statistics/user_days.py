"""Whose rows are in a file, by UTC day: counted while the file is written, or read from it.

A name is a text that a client chose, so what is kept of one file is limited. A file past a limit is
not counted: answers read its rows instead.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from store.parquet.file_reader import FinishedFile
from store.parquet.row_order import SORT_COLUMNS
from store.parquet.statistics.user_day import NO_DAY, UserDay, UserDays

# Ten times the people of a large company; entering so many new names takes a tenth of a second.
NAMES_MAX = 10_000

# A month of a thousand people has some 22,000.
USER_DAYS_MAX = 50_000

# Mail addresses have at most 254 bytes.
NAME_BYTES_MAX = 1_024

# All names of a file together; `NAMES_MAX` mail addresses have some 300 KB.
NAMES_BYTES_MAX = 2 * 1024 * 1024

# Rows of two columns read at once: some tens of MB.
ROWS_READ = 2**18


_BY = ["user", "day"]
_COUNTED = [*_BY, "rows", "first", "last", "first_row", "last_row"]
_SUMS = ["sum", "min", "max", "min", "max"]
_ALL = pc.CountOptions(mode="all")


@dataclass(slots=True)
class UserDayCounter:
    """Counts the rows of one file, whose tables come one after the other."""

    _found: list[pa.Table] = field(default_factory=list)
    _rows: int = 0
    _is_past_limit: bool = False

    def add(self, table: pa.Table) -> None:
        if self._is_past_limit or not set(SORT_COLUMNS) <= set(table.column_names):
            return
        counted = _counted(table, self._rows)
        self._rows += table.num_rows
        if counted is None:
            self._give_up()
            return
        self.add_counted(counted)

    def add_counted(self, counted: pa.Table) -> None:
        """Add rows that were counted by user and day, with the columns of _COUNTED."""
        if self._is_past_limit:
            return
        self._found.append(counted)
        if sum(each.num_rows for each in self._found) > 2 * USER_DAYS_MAX:
            self._fold()

    def result(self) -> UserDays:
        self._fold()
        if self._is_past_limit:
            return None
        return tuple(day for table in self._found for day in _days(table))

    def _fold(self) -> None:
        """Make one table of all."""
        if not self._found:
            return
        summed = _summed(self._found)
        self._found = [summed]
        names = pc.unique(summed["user"])
        length = pc.binary_length(names)
        if (
            summed.num_rows > USER_DAYS_MAX
            or len(names) > NAMES_MAX
            or (pc.max(length).as_py() or 0) > NAME_BYTES_MAX
            or (pc.sum(length).as_py() or 0) > NAMES_BYTES_MAX
        ):
            self._give_up()

    def _give_up(self) -> None:
        self._is_past_limit = True
        self._found.clear()


def of_users(table: pa.Table, is_wanted: Callable[[str], bool]) -> Iterator[UserDay]:
    """The rows of wanted users, by user and day, whatever the limits."""
    wanted = [
        user
        for user in pc.unique(table["user_id"]).to_pylist()
        if user is not None and is_wanted(user)
    ]
    if wanted:
        column = table["user_id"]
        plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        placed = table.append_column("row", pa.nulls(table.num_rows, pa.int64()))
        yield from _days(_grouped(placed.filter(pc.is_in(plain, pa.array(wanted)))))


def _counted(table: pa.Table, first: int) -> pa.Table | None:
    """The rows of a table that have a user, counted by user and day; None for too many users.

    `first` is the place of its first row in the file.
    """
    users, times = table["user_id"], table["event_time"]
    places = pa.chunked_array([pa.arange(first, first + table.num_rows)])
    if users.null_count:
        is_named = users.is_valid()
        users, times, places = (each.filter(is_named) for each in (users, times, places))
    if pa.types.is_dictionary(users.type):
        users = users.unify_dictionaries()
    elif len(users) > NAMES_MAX and pc.count_distinct(users).as_py() > NAMES_MAX:
        return None
    return _grouped(pa.table([users, times, places], [*SORT_COLUMNS, "row"]))


def _grouped(table: pa.Table) -> pa.Table:
    users, times = table["user_id"], table["event_time"]
    microseconds = times.cast(pa.timestamp("us")).cast(pa.int64())
    days = times.cast(pa.date32()).cast(pa.int32())
    columns = [users, days, microseconds, table["row"]]
    grouped = pa.table(columns, [*_BY, "us", "row"]).group_by(_BY, use_threads=False)
    ends = [(name, end) for name in ("us", "row") for end in ("min", "max")]
    found = grouped.aggregate([("us", "count", _ALL), *ends])
    user = found["user"]
    plain = user.cast(pa.string()) if pa.types.is_dictionary(user.type) else user
    columns = [plain, found["day"].fill_null(NO_DAY), *found.columns[2:]]
    return pa.table(columns, _COUNTED)


def _summed(tables: list[pa.Table]) -> pa.Table:
    """In order of user and day."""
    table = pa.concat_tables(tables)
    if len(tables) > 1:
        grouped = table.group_by(_BY, use_threads=False)
        table = grouped.aggregate(list(zip(_COUNTED[len(_BY) :], _SUMS, strict=True)))
        # Arrow names the sums anew; they may be summed up again.
        table = table.rename_columns(_COUNTED)
    return table.sort_by([(name, "ascending") for name in _BY])


def _days(table: pa.Table) -> Iterator[UserDay]:
    *counted, first, last = table.columns
    # Of rows that do not lie together, as in a part of several row groups, nothing is told.
    are_together = pc.equal(pc.subtract(last, first), pc.subtract(table["rows"], 1))
    nowhere = pa.scalar(None, pa.int64())
    place = pc.if_else(pc.fill_null(are_together, False), first, nowhere)
    return map(UserDay, *(column.to_pylist() for column in (*counted, place)))


def of_file(file: FinishedFile) -> UserDays:
    """Read whose rows are in a file."""
    counter = UserDayCounter()
    for table in tables_with_users(file):
        counter.add(table)
    return counter.result()


def tables_with_users(file: FinishedFile) -> Iterator[pa.Table]:
    """The users and times of all rows; nothing of a file without a column of users."""
    if set(SORT_COLUMNS) <= set(file.columns):
        yield from file.tables(ROWS_READ, list(SORT_COLUMNS))
