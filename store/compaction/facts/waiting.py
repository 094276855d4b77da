"""Computes the facts of merged files that have none yet, some files at a time.

They are of an older version, of an erasure or retention, or of a merge that could not compute them.
Until then questions read their rows.
"""

from collections.abc import Iterator

from sqlalchemy import RowMapping, func, select

from store.catalog import damage
from store.catalog.tables import files
from store.catalog.users import user_facts
from store.catalog.users.facts_number import DATASET, REVISION
from store.compaction import uncounted
from store.compaction.facts.reading import FactReading
from store.compaction.file_swap import FileSwap
from store.compaction.tiers import DAY, MONTH, RUN
from store.files.layout import OTHER_DAY

# The facts of so many rows are computed in about five seconds, and other work waits for them.
ROWS_AT_ONCE = 4_000_000
FILES_AT_ONCE = 100


def complete_some(swap: FileSwap, reading: FactReading | None) -> bool:
    """Enter what the catalog lacks of some files; False if it lacks nothing.

    The caller holds the rewrite lock.
    """
    if uncounted.count_some(swap):
        return True
    return reading is not None and compute_some(swap, reading) > 0


def compute_some(swap: FileSwap, reading: FactReading) -> int:
    """Compute the facts of some files; returns of how many, 0 when none is left.

    The caller holds the rewrite lock.
    """
    done = 0
    for file in list(_some(swap)):
        swap.on_progress(0)
        facts = reading(swap.layout, file["path"], file["columns"])
        with swap.catalog.write() as connection:
            user_facts.enter(connection, file["path"], facts)
        done += 1
    return done


def _some(swap: FileSwap) -> Iterator[RowMapping]:
    column = files.c
    is_merged = column.tier.in_((DAY, MONTH)) | ((column.tier == RUN) & (column.day == OTHER_DAY))
    is_of_now = func.abs(func.coalesce(column.facts_revision, 0)) == REVISION
    # Not `!=`: either may be NULL.
    is_waiting = ~is_of_now | column.facts_number.is_distinct_from(column.users_number)
    query = (
        select(files)
        .where(column.dataset == DATASET, column.retired_sequence.is_(None))
        # A file without users has no facts either.
        .where(is_merged, is_waiting, column.users_number > 0)
        .order_by(column.day.desc(), column.path)
    )
    with swap.catalog.read() as connection:
        lost = damage.paths(connection)
        found = connection.execute(query.limit(FILES_AT_ONCE + len(lost))).mappings().all()
    rows = 0
    for file in found:
        if file["path"] not in lost:
            yield file
            rows += file["rows"]
            if rows >= ROWS_AT_ONCE:
                return
