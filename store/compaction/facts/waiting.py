"""Computes the facts of merged files that have none yet, some files at a time.

They are of an older version, of an erasure or retention, or of a merge that could not compute them.
Until then questions read their rows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func

from store.catalog.tables import files
from store.catalog.users import user_facts
from store.catalog.users.facts_number import DATASET, REVISION
from store.catalog.users.packed_facts import UserFacts
from store.compaction import uncounted
from store.compaction.facts.reading import FactReading, Failure
from store.compaction.file_swap import FileSwap
from store.compaction.tiers import DAY, MONTH, RUN
from store.files.layout import OTHER_DAY

# The facts of so many rows are computed in about five seconds, and other work waits for them.
ROWS_AT_ONCE = 4_000_000

# Memory and room are short for minutes or hours, and a try may take two minutes.
RETRY_SECONDS = 3600.0


@dataclass(slots=True)
class PutOff:
    """Files whose facts could not be computed for lack of memory or room: they are tried again later.

    A process remembers it, so the next one tries at once.
    """

    clock: Callable[[], float] = time.monotonic
    _until: dict[str, float] = field(default_factory=dict)

    def note(self, path: str) -> None:
        self._until[path] = self.clock() + RETRY_SECONDS

    def paths(self) -> frozenset[str]:
        """Those that are not to be tried now."""
        now = self.clock()
        self._until = {path: until for path, until in self._until.items() if until > now}
        return frozenset(self._until)


def complete_some(swap: FileSwap, reading: FactReading | None, put_off: PutOff) -> bool:
    """Enter what the catalog lacks of some files; False if there is nothing to do now.

    The caller holds the rewrite lock.
    """
    if uncounted.count_some(swap):
        return True
    return reading is not None and compute_some(swap, reading, put_off) > 0


def compute_some(swap: FileSwap, reading: FactReading, put_off: PutOff) -> int:
    """Compute the facts of some files; returns of how many, 0 when none is left but those put off.

    The caller holds the rewrite lock.
    """
    done = 0
    for file in list(uncounted.some_of(swap, _is_waiting(), ROWS_AT_ONCE, put_off.paths())):
        swap.on_progress(0)
        found = reading(swap.layout, file["path"], file["columns"])
        done += 1
        if found is Failure.PASSING:
            put_off.note(file["path"])
            continue
        facts = found if isinstance(found, UserFacts) else None
        with swap.catalog.write() as connection:
            user_facts.enter(connection, file["path"], facts)
    return done


def _is_waiting() -> ColumnElement[bool]:
    column = files.c
    is_merged = column.tier.in_((DAY, MONTH)) | ((column.tier == RUN) & (column.day == OTHER_DAY))
    is_of_now = func.abs(func.coalesce(column.facts_revision, 0)) == REVISION
    # Not `!=`: either may be NULL.
    is_other = column.facts_number.is_distinct_from(column.users_number)
    # A file without users has no facts either.
    has_users = (column.dataset == DATASET) & (column.users_number > 0)
    return has_users & is_merged & (~is_of_now | is_other)
