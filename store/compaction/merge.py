"""Many files in order become one stream in order, however large they are together.

Each run holds some rows, and puts forward the first of them. Where the run that is least far
ends, there the others must wait: all rows before that mark are complete, and go on together.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa

from store.errors import RewriteRefused
from store.parquet.file_reader import Mark, SortedRun, mark_at
from store.parquet.row_order import ordered

# Rows of one user and moment go on together, so that what came twice is seen; but a dataset
# without times has only one moment, and must not be held whole. With a copy in order some 600 MB.
ROWS_HELD_MAX = 500_000


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
        table = _ordered(_step(live))
        if table is not None:
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
    """The runs that are not over, each with the rows of one step held: small steps cost more."""
    for run in runs:
        while run.rows_left and run.rows < run.step_rows:
            run.read()
    return [run for run in runs if run.rows]


def _step(live: Sequence[SortedRun]) -> list[pa.Table]:
    """Rows that no run can still have others before; none where more was to be read first."""
    mark = min((run.step_mark() for run in live if run.has_more()), default=None)
    if mark is None:
        return [run.take_all() for run in live]
    tables = [run.take_before(mark) for run in live]
    return tables if any(table.num_rows for table in tables) else _past(live, mark)


def _ordered(tables: Sequence[pa.Table]) -> pa.Table | None:
    found = [table for table in tables if table.num_rows]
    return ordered(found) if found else None


def _past(live: Sequence[SortedRun], mark: Mark) -> list[pa.Table]:
    """The rows at `mark`, which fill a step, once all of them are held or they are too many."""
    going_on = [run for run in live if run.rows_left and run.last_mark() == mark]
    if not going_on or sum(run.rows_through(mark) for run in live) > ROWS_HELD_MAX:
        return [run.take_through(mark) for run in live]
    for run in going_on:
        run.read()
    return []
