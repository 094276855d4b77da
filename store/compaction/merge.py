"""A k-way merge: many sorted runs become one sorted stream in bounded memory.

Each run has some rows in memory. All rows before the smallest mark that a run has read up to are
complete, so they are emitted together; the rest wait until that run has read more.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from store.errors import RewriteRefused
from store.parquet.row_order import ordered
from store.parquet.sorted_run import Mark, SortedRun, mark_at

# Rows of one user and time are emitted together, so that duplicates meet; but in a dataset without
# times all rows have the same one. So many rows and their sorted copy take about 600 MB.
ROWS_HELD_MAX = 500_000


def merge_runs(runs: Sequence[SortedRun]) -> Iterator[pa.Table]:
    """Yields all rows in order, as tables.

    RewriteRefused if a run is not in order, since queries would not find all rows in the result.
    Rejected lines have neither user nor time, so their runs are concatenated.
    """
    live = _with_rows(runs)
    if live and not live[0].has_marks():
        yield from _one_by_one(live)
        return
    before: Mark | None = None
    while live := _with_rows(live):
        table = _ordered(_step(live))
        if table is not None:
            first, last = mark_at(table, 0), mark_at(table, table.num_rows - 1)
            if before is not None and first < before:
                raise RewriteRefused("rows of a file are not sorted as its footer says")
            before = last
            yield table


def _one_by_one(runs: Sequence[SortedRun]) -> Iterator[pa.Table]:
    for run in runs:
        yield run.take_all()
        while run.rows_left:
            run.read()
            yield run.take_all()


def _with_rows(runs: Sequence[SortedRun]) -> list[SortedRun]:
    """The runs that have rows left, each with at least one step of them in memory."""
    for run in runs:
        while run.rows_left and run.rows < run.step_rows:
            run.read()
    return [run for run in runs if run.rows]


def _step(live: Sequence[SortedRun]) -> list[pa.Table]:
    """Rows before which no run has others; none if a run had to read more first."""
    mark = min((run.step_mark() for run in live if run.has_more()), default=None)
    if mark is None:
        return [run.take_all() for run in live]
    tables = [run.take_before(mark) for run in live]
    return tables if any(table.num_rows for table in tables) else _past(live, mark)


def _ordered(tables: Sequence[pa.Table]) -> pa.Table | None:
    found = [table for table in tables if table.num_rows]
    return ordered(found) if found else None


def _past(live: Sequence[SortedRun], mark: Mark) -> list[pa.Table]:
    """The rows at `mark`, once all are in memory or they exceed `ROWS_HELD_MAX`."""
    unfinished = [run for run in live if run.rows_left and run.last_mark() == mark]
    if not unfinished or sum(run.rows_through(mark) for run in live) > ROWS_HELD_MAX:
        return [run.take_through(mark) for run in live]
    for run in unfinished:
        run.read()
    return []
