"""Deletes rows and raw bodies past their retention, except those under a legal hold.

A run is planned from the live files and the clock, and refused while the plan needs a person's
confirmation. It is then done in steps of one transaction and one ledger entry each. If the process
dies, every step is either complete or has not happened; the loader deletes the old files after
their grace period.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from store import timestamps
from store.catalog import removals
from store.compaction.file_swap import FileSwap, Replacement
from store.compaction.tiers import RewriteJob
from store.errors import NoRoom
from store.lifetimes import Lifetimes
from store.retention import clock, confirmation, hold_entries, holds
from store.retention import expired_bodies as bodies
from store.retention.confirmation import Confirmation
from store.retention.expired_bodies import ExpiredBody
from store.retention.expired_rows import ExpiredRows, ExpiredRowSearch
from store.retention.expired_strays import ExpiredStray
from store.retention.plan import DatasetExpiry, RetentionPlan, make_plan
from store.uptime import ReadUptime, no_uptime

# Receivers wait up to 20 s for the write lock; so many changes in one transaction hold it for a few
# seconds. Only a first run on an old store needs several transactions.
FILES_AT_ONCE = 5_000
BODIES_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class RetentionResult:
    """What a run did; `sequence` is its newest ledger entry, None if nothing was removed."""

    plan: RetentionPlan
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Retention:
    """The caller of `run` holds the rewrite lock, see `FileSwap.locked`; `plan` needs none."""

    swap: FileSwap
    lifetimes: Lifetimes
    uptime: ReadUptime = no_uptime

    def plan(self) -> RetentionPlan:
        """What is past its retention now; changes nothing."""
        return make_plan(self.swap, self.lifetimes, self.uptime)

    def run(self, given: Confirmation = confirmation.NONE) -> RetentionResult:
        """Remove what the plan names, and delete files whose grace period is over.

        RetentionRefused unless `given` confirms the plan. RewriteRefused or StoreDamaged if a step
        fails; then no later step is done.
        """
        self.judge_clock(given)
        plan = self.plan()
        if self.swap.note_damage(plan.unreadable, "retention"):
            # Without the raw bodies from which the damaged files may be made again.
            plan = self.plan()
        confirmation.demand(plan.count, plan.doubts(given), given)
        if plan.datasets:
            with self.swap.catalog.read() as connection:
                hold_entries.demand_entered(connection)
        sequence, shortage = None, None
        for each in plan.datasets:
            for files, old_bodies in _steps(each):
                try:
                    done = [self._replacement(plan, each, expired) for expired in files]
                except NoRoom as error:
                    # Removing whole files needs no room, and makes some.
                    shortage = error
                    files = [expired for expired in files if expired.is_whole]  # noqa: PLW2901
                    done = [self._replacement(plan, each, expired) for expired in files]
                if done or old_bodies:
                    facts = _facts(each, files, old_bodies)
                    sequence = self._commit(plan, facts, done, old_bodies)
            if each.strays:
                sequence = self._commit(
                    plan, _facts(each, (), (), each.strays), (), (), each.strays
                )
        swap = self.swap
        while removals.remove_due(swap.layout, swap.catalog, swap.clock()):
            pass
        if shortage is not None:
            raise shortage
        return RetentionResult(plan, sequence)

    def judge_clock(self, given: Confirmation) -> None:
        """Note a doubt, or enter in the ledger that a person confirmed the clock. Needs no lock."""
        swap = self.swap
        doubt = clock.look(swap.catalog, swap.clock(), self.uptime())
        if doubt is not None and given.clock_is_right:
            with swap.catalog.write() as connection:
                clock.confirm(connection, swap.clock(), self.uptime(), doubt)

    def _replacement(
        self, plan: RetentionPlan, each: DatasetExpiry, expired: ExpiredRows
    ) -> Replacement:
        file = expired.file
        if expired.is_whole or each.cutoff is None:
            return Replacement(RewriteJob.of_file(file))
        search = ExpiredRowSearch(self.swap.layout, each.cutoff, plan.holds)

        def exclude(table: pa.Table) -> pa.ChunkedArray:
            return search.expired_mask(table, file)

        return self.swap.rewrite_without(file, exclude, expired.rows)

    def _commit(
        self,
        plan: RetentionPlan,
        facts: dict[str, Any],
        done: Sequence[Replacement],
        old_bodies: Sequence[ExpiredBody],
        strays: Sequence[ExpiredStray] = (),
    ) -> int:
        swap = self.swap
        with swap.catalog.write() as connection:
            holds.demand_unchanged(connection, plan.holds)
            sequence = swap.commit(connection, "retired", facts, done)
            bodies.retire(connection, old_bodies, sequence, removals.after_grace(swap.clock()))
            # No question reads them, so they need no grace.
            due_at = timestamps.to_text(swap.clock())
            removals.reschedule(connection, [each.path for each in strays], due_at)
        swap.settle(done)
        return sequence


def _steps(each: DatasetExpiry) -> Iterator[tuple[list[ExpiredRows], Sequence[ExpiredBody]]]:
    """The files and bodies of each transaction."""
    files, old_bodies = each.removable, each.bodies
    while files or old_bodies:
        yield files[:FILES_AT_ONCE], old_bodies[:BODIES_AT_ONCE]
        files, old_bodies = files[FILES_AT_ONCE:], old_bodies[BODIES_AT_ONCE:]


def _facts(
    each: DatasetExpiry,
    files: Sequence[ExpiredRows],
    old_bodies: Sequence[ExpiredBody],
    strays: Sequence[ExpiredStray] = (),
) -> dict[str, Any]:
    """For the ledger, which is kept for ever: so a hold is named by its id only."""
    return {
        "dataset": each.dataset,
        "days": each.days,
        "rows_removed": sum(each.rows for each in files) + sum(each.rows for each in strays),
        "stray_files": len(strays),
        "files_whole": sum(expired.is_whole for expired in files),
        "files_rewritten": sum(not expired.is_whole for expired in files),
        "raw_batches": [body.sequence for body in old_bodies],
        "raw_bytes": sum(body.bytes for body in old_bodies),
        "held_rows": each.held_rows,
        "held_bodies": dict(each.held_bodies),
    }
