"""Plans a retention run: which rows, files and raw bodies are past their retention and not held."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from store.catalog.counts import CatalogRow
from store.compaction.file_swap import FileSwap
from store.lifetimes import Lifetimes, cutoff
from store.retention import clock, confirmation, expired_strays, holds
from store.retention import expired_bodies as bodies
from store.retention.clock import Doubt
from store.retention.confirmation import Confirmation
from store.retention.expired_bodies import ExpiredBody
from store.retention.expired_rows import (
    ExpiredRows,
    ExpiredRowSearch,
    HeldBatches,
    held_batches,
)
from store.retention.expired_strays import ExpiredStray
from store.retention.holds import Hold
from store.uptime import ReadUptime, no_uptime


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetExpiry:
    """What is past its retention in one dataset. Holds may keep all rows of a file in `expired`."""

    dataset: str
    days: int | None
    cutoff: datetime | None
    expired: Sequence[ExpiredRows]
    bodies: Sequence[ExpiredBody]
    # How many raw bodies each hold keeps, by its id.
    held_bodies: Mapping[str, int]
    strays: Sequence[ExpiredStray] = ()

    @property
    def removable(self) -> list[ExpiredRows]:
        return [each for each in self.expired if each.rows]

    @property
    def rows(self) -> int:
        """Also those in stray files."""
        return sum(each.rows for each in self.expired) + sum(each.rows for each in self.strays)

    @property
    def files_whole(self) -> int:
        return sum(each.is_whole for each in self.removable)

    @property
    def files_rewritten(self) -> int:
        return len(self.removable) - self.files_whole

    @property
    def body_bytes(self) -> int:
        return sum(body.bytes for body in self.bodies)

    @property
    def held_rows(self) -> dict[str, int]:
        return dict(sum((Counter(each.held) for each in self.expired), Counter[str]()))

    def is_anything(self) -> bool:
        return bool(self.expired or self.bodies or self.held_bodies or self.strays)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPlan:
    """What a run would remove. A person must confirm its `doubts` first."""

    holds: tuple[Hold, ...]
    datasets: tuple[DatasetExpiry, ...]
    rows: int
    rows_live: int
    bodies: int
    bodies_kept: int
    # Files that cannot be read, so that expired rows in them stay.
    unreadable: tuple[CatalogRow, ...]
    # Expired raw bodies that stay, because a damaged file may be made again from them.
    bodies_needed: int
    clock_doubt: Doubt | None

    @property
    def count(self) -> int:
        """The number that `--yes-remove` must name."""
        return self.rows or self.bodies

    def doubts(self, given: Confirmation) -> tuple[str, ...]:
        """The reasons to refuse the run that `given` does not confirm."""
        found = []
        if not given.clock_is_right and self.clock_doubt and self.count:
            found.append(confirmation.clock_doubt(self.clock_doubt))
        shares = (
            confirmation.share_doubt("rows", self.rows, self.rows_live),
            confirmation.share_doubt("raw bodies", self.bodies, self.bodies_kept),
        )
        many = [doubt for doubt in shares if doubt]
        if many and given.count is None:
            found += [*many, f"if this is intended, confirm it with --yes-remove={self.count}"]
        return tuple(found)


def make_plan(
    swap: FileSwap, lifetimes: Lifetimes, read_uptime: ReadUptime = no_uptime
) -> RetentionPlan:
    """What is past its retention now; changes nothing and needs no lock."""
    with swap.catalog.read() as connection:
        active = holds.active(connection)
        now = swap.clock()
        doubt = clock.doubt(connection, now, read_uptime())
        old, needed = _old_bodies(connection, lifetimes, now)
        bodies_kept = bodies.count_kept(connection)
    # Read after the bodies, so that the rows of every one of them are seen.
    live = swap.live_files()
    held = held_batches(swap.layout, live if any(old.values()) else (), active)
    strays = list(expired_strays.find(swap.layout, lifetimes, now, active))
    found, unreadable = [], list[CatalogRow]()
    names = {file["dataset"] for file in live} | {each.dataset for each in strays}
    for name in sorted(old.keys() | names):
        removable, held_bodies = _without_held(name, old.get(name, []), held)
        before = cutoff(now, lifetimes.of(name))
        expired, unread = _expired_rows(swap, name, live, before, active)
        unreadable += unread
        expiry = DatasetExpiry(
            dataset=name,
            days=lifetimes.of(name),
            cutoff=before,
            expired=expired,
            bodies=removable,
            held_bodies=held_bodies,
            strays=[each for each in strays if each.dataset == name],
        )
        if expiry.is_anything():
            found.append(expiry)
    return RetentionPlan(
        holds=active,
        datasets=tuple(found),
        rows=sum(each.rows for each in found),
        rows_live=sum(each["rows"] for each in live) + sum(each.rows for each in strays),
        bodies=sum(len(each.bodies) for each in found),
        bodies_kept=bodies_kept,
        unreadable=tuple(unreadable),
        bodies_needed=needed,
        clock_doubt=doubt,
    )


def _old_bodies(
    connection: Connection, lifetimes: Lifetimes, now: datetime
) -> tuple[dict[str, list[ExpiredBody]], int]:
    """By dataset, of every dataset that has a batch; and how many more a damaged file needs."""
    raw_cutoff = cutoff(now, lifetimes.raw)
    found = {
        name: bodies.find_expired(connection, name, raw_cutoff, cutoff(now, lifetimes.of(name)))
        for name in bodies.datasets(connection)
    }
    needed = bodies.needed_for_damaged(connection)
    old = {name: [each for each in of if each.sequence not in needed] for name, of in found.items()}
    return old, sum(map(len, found.values())) - sum(map(len, old.values()))


def _expired_rows(
    swap: FileSwap,
    dataset: str,
    live: Sequence[RowMapping],
    before: datetime | None,
    active: tuple[Hold, ...],
) -> tuple[list[ExpiredRows], list[CatalogRow]]:
    """The rows to remove, and the files that cannot be read."""
    if before is None:
        return [], []
    search = ExpiredRowSearch(swap.layout, before, active)
    return search.among(file for file in live if file["dataset"] == dataset)


def _without_held(
    dataset: str, old: Sequence[ExpiredBody], held: HeldBatches
) -> tuple[list[ExpiredBody], dict[str, int]]:
    """The bodies to remove, and how many each hold keeps.

    An unreadable body may contain any row, so every hold keeps it.
    """
    kept: Counter[str] = Counter()
    removable = []
    for body in old:
        keepers = list(held.ids) if body.is_unread else held.keepers(dataset, body.batch_id)
        kept.update(keepers)
        if not keepers:
            removable.append(body)
    return removable, dict(kept)
