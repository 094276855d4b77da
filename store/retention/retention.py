"""Lets go of what has outlived its days, but for what a hold keeps: one ledger entry a dataset.

Planned first, from what is live and the clock; refused where the plan needs somebody's word;
then done, each step in one transaction. Killed before a step's commit, nothing of it has
happened; after it, all has, and the files go once their grace is over, by whoever tidies.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, RowMapping

from store.catalog import removals
from store.compaction.file_swap import Exchange, Files, Replacement
from store.compaction.tiers import tier_of
from store.errors import NoRoom, RewriteRefused
from store.lifetimes import Lifetimes, cutoff
from store.retention import expired_bodies as bodies
from store.retention import holds, safety
from store.retention.expired_bodies import Body
from store.retention.expiry import Expired, Expiry, held_batches
from store.retention.holds import Hold
from store.retention.safety import Consent

# So much changes in one transaction, while receivers wait for its lock: some seconds of the 20
# they do. A first run on an old store takes several.
FILES_AT_ONCE = 5_000
BODIES_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlived:
    """What of one dataset has outlived its days. Of `expired` a file may be held altogether."""

    dataset: str
    days: int | None
    cutoff: datetime | None
    expired: Sequence[Expired]
    bodies: Sequence[Body]
    # How many raw bodies each hold keeps, by its id.
    held_bodies: Mapping[str, int]

    @property
    def going(self) -> list[Expired]:
        return [each for each in self.expired if each.rows]

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.expired)

    @property
    def files_whole(self) -> int:
        return sum(each.is_whole for each in self.going)

    @property
    def files_rewritten(self) -> int:
        return len(self.going) - self.files_whole

    @property
    def body_bytes(self) -> int:
        return sum(body.bytes for body in self.bodies)

    @property
    def held_rows(self) -> dict[str, int]:
        return dict(sum((Counter(each.held) for each in self.expired), Counter[str]()))

    def is_anything(self) -> bool:
        return bool(self.expired or self.bodies or self.held_bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run would let go of, and why it might not: `doubts` need somebody's word."""

    holds: tuple[Hold, ...]
    datasets: tuple[Outlived, ...]
    rows: int
    rows_live: int
    bodies: int
    bodies_kept: int
    clock_doubt: str | None

    @property
    def count(self) -> int:
        """The number that `--yes-remove` must name."""
        return self.rows or self.bodies

    def doubts(self, given: Consent) -> tuple[str, ...]:
        """What speaks against it and was not vouched for."""
        found = []
        if not given.clock_is_right and self.clock_doubt and self.count:
            found.append(self.clock_doubt)
        shares = (
            safety.share_doubt("rows", self.rows, self.rows_live),
            safety.share_doubt("raw bodies", self.bodies, self.bodies_kept),
        )
        many = [doubt for doubt in shares if doubt]
        if many and given.count is None:
            found += [*many, f"if that is meant, say so with --yes-remove={self.count}"]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Retained:
    """What a run did; `sequence` is its newest entry, None where there was nothing to do."""

    plan: Plan
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Retention:
    """The caller of `run` holds the exchange's lock, by `alone`; `plan` needs none."""

    exchange: Exchange
    lifetimes: Lifetimes

    def plan(self) -> Plan:
        """What has outlived its days by now; changes nothing."""
        exchange = self.exchange
        with exchange.catalog.read() as connection:
            active = holds.active(connection)
            doubt = safety.clock_doubt(connection, exchange.clock)
            now = exchange.clock()
            old = self._old_bodies(connection, now)
            bodies_kept = bodies.kept(connection)
        # Not before the bodies: what was loaded in between would have rows that nobody looked at.
        live = exchange.live()
        found = self._outlived(now, live, old, active)
        return Plan(
            holds=active,
            datasets=found,
            rows=sum(each.rows for each in found),
            rows_live=sum(file["rows"] for file in live),
            bodies=sum(len(each.bodies) for each in found),
            bodies_kept=bodies_kept,
            clock_doubt=doubt,
        )

    def run(self, given: Consent = safety.NONE) -> Retained:
        """Let go of it, and unlink what earlier runs did. RetentionRefused where `given` does not
        cover it, RewriteRefused or StoreDamaged where it cannot be done; then nothing more goes.
        """
        plan = self.plan()
        safety.demand(plan.count, plan.doubts(given), given)
        sequence, shortage = None, None
        for each in plan.datasets:
            for going, gone in self._steps(each):
                try:
                    done = [self._replaced(plan, each, expired) for expired in going]
                except NoRoom as error:
                    # What is taken away whole needs no room, and makes some.
                    shortage = error
                    going = [expired for expired in going if expired.is_whole]  # noqa: PLW2901
                    done = [self._replaced(plan, each, expired) for expired in going]
                if done or gone:
                    facts = _facts(each, going, gone)
                    sequence = self._show(plan, facts, done, gone)
        exchange = self.exchange
        while removals.remove_due(exchange.layout, exchange.catalog, exchange.clock()):
            pass
        if shortage is not None:
            raise shortage
        return Retained(plan, sequence)

    def _old_bodies(self, connection: Connection, now: datetime) -> dict[str, list[Body]]:
        """Of every dataset that batches came for."""
        raw_cutoff = cutoff(now, self.lifetimes.raw)
        return {
            name: bodies.old(connection, name, raw_cutoff, cutoff(now, self.lifetimes.of(name)))
            for name in bodies.datasets(connection)
        }

    def _outlived(
        self,
        now: datetime,
        live: Sequence[RowMapping],
        old: Mapping[str, list[Body]],
        active: tuple[Hold, ...],
    ) -> tuple[Outlived, ...]:
        held = held_batches(self.exchange.layout, live if any(old.values()) else (), active)
        found = []
        for name in sorted(old.keys() | {file["dataset"] for file in live}):
            going, held_bodies = _without_held(old.get(name, []), held)
            days = self.lifetimes.of(name)
            outlived = Outlived(
                dataset=name,
                days=days,
                cutoff=cutoff(now, days),
                expired=self._expired(name, live, cutoff(now, days), active),
                bodies=going,
                held_bodies=held_bodies,
            )
            if outlived.is_anything():
                found.append(outlived)
        return tuple(found)

    def _expired(
        self,
        dataset: str,
        live: Sequence[RowMapping],
        before: datetime | None,
        active: tuple[Hold, ...],
    ) -> list[Expired]:
        if before is None:
            return []
        expiry = Expiry(self.exchange.layout, before, active)
        return expiry.among(file for file in live if file["dataset"] == dataset)

    def _steps(self, each: Outlived) -> Iterator[tuple[list[Expired], Sequence[Body]]]:
        """As much of it at a time as one transaction takes; nearly always one step."""
        going, rest = each.going, each.bodies
        while going or rest:
            yield going[:FILES_AT_ONCE], rest[:BODIES_AT_ONCE]
            going, rest = going[FILES_AT_ONCE:], rest[BODIES_AT_ONCE:]

    def _show(
        self,
        plan: Plan,
        facts: Mapping[str, Any],
        done: Sequence[Replacement],
        gone: Sequence[Body],
    ) -> int:
        exchange = self.exchange
        with exchange.catalog.write() as connection:
            holds.demand_same(connection, plan.holds)
            sequence = exchange.show(connection, "retired", facts, done)
            due_at = removals.after_grace(exchange.clock())
            bodies.let_go(connection, gone, sequence, due_at)
        return sequence

    def _replaced(self, plan: Plan, each: Outlived, expired: Expired) -> Replacement:
        file = expired.file
        old = Files(dataset=each.dataset, label=file["day"], tier=tier_of(file), inputs=(file,))
        if expired.is_whole or each.cutoff is None:
            return Replacement(old)
        expiry = Expiry(self.exchange.layout, each.cutoff, plan.holds)

        def leave_out(table: pa.Table) -> pa.ChunkedArray:
            return expiry.leaves_out(table, file)

        done = self.exchange.rewrite(old, leave_out)
        if done.made is None or done.made.left_out.rows != expired.rows:
            raise RewriteRefused(f"{file['path']}: other rows were left out than were planned")
        return done


def _without_held(
    old: Sequence[Body], held: Mapping[str, set[str]]
) -> tuple[list[Body], dict[str, int]]:
    """The bodies that may go, and how many each hold keeps. What nobody could read may have any
    row in it, so every hold keeps it.
    """
    kept: Counter[str] = Counter()
    going = []
    for body in old:
        keepers = [name for name, ids in held.items() if body.is_unread or body.batch_id in ids]
        kept.update(keepers)
        if not keepers:
            going.append(body)
    return going, dict(kept)


def _facts(each: Outlived, going: Sequence[Expired], gone: Sequence[Body]) -> dict[str, Any]:
    """What the ledger says beside the files: for ever, so a hold is named by its id alone."""
    return {
        "dataset": each.dataset,
        "days": each.days,
        "rows_removed": sum(expired.rows for expired in going),
        "files_whole": sum(expired.is_whole for expired in going),
        "files_rewritten": sum(not expired.is_whole for expired in going),
        "raw_batches": [body.sequence for body in gone],
        "raw_bytes": sum(body.bytes for body in gone),
        "held_rows": each.held_rows,
        "held_bodies": dict(each.held_bodies),
    }
