"""Many files in order become one stream in order, however large they are together.

Each run holds a slice of its rows. Where the run that is least far ends, there the others must
wait: all rows before that mark are complete, and go on together.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from store.errors import RewriteRefused
from store.row_order import ordered
from store.sorted_run import Mark, SortedRun, mark_at

# Rows of one user and moment go on together, so that what came twice is seen; but a dataset
# without times has only one moment, and must not be held whole.
ROWS_HELD_MAX = 1_000_000


def merged(runs: Sequence[SortedRun]) -> Iterator[pa.Table]:
    """Tables in order, each in itself and one after the other; every row of every run once.

    RewriteRefused for a run that is not in order: what came of it would hide rows from who looks
    for them. Rejected lines have neither user nor time: they stay in the order they came in.
    """
    live = _with_rows(runs)
    if live and not live[0].has_marks():
        yield from _one_by_one(live)
        return
    before: Mark | None = None
    while live := _with_rows(live):
        mark = min((run.last_mark() for run in live if run.rows_left), default=None)
        tables = [run.take_all() if mark is None else run.take_before(mark) for run in live]
        if mark is not None and not any(table.num_rows for table in tables):
            tables = _past(live, mark)
        if found := [table for table in tables if table.num_rows]:
            table = ordered(found)
            first, last = mark_at(table, 0), mark_at(table, table.num_rows - 1)
            if before is not None and first < before:
                raise RewriteRefused("rows are not in the order their file promises")
            before = last
            yield table


def _one_by_one(runs: Sequence[SortedRun]) -> Iterator[pa.Table]:
    for run in runs:
        yield run.take_all()
        while run.rows_left:
            run.read()
            yield run.take_all()


def _with_rows(runs: Sequence[SortedRun]) -> list[SortedRun]:
    """The runs that are not over, each with something held."""
    for run in runs:
        while run.rows_left and not run.rows:
            run.read()
    return [run for run in runs if run.rows]


def _past(live: Sequence[SortedRun], mark: Mark) -> list[pa.Table]:
    """Read on where the rows of one mark fill a slice; past the limit, let go of what is held."""
    if sum(run.rows for run in live) > ROWS_HELD_MAX:
        return [run.take_through(mark) for run in live]
    for run in live:
        if run.rows_left and run.last_mark() == mark:
            run.read()
    return []
