"""Which batches are loaded next, and which of them were being loaded when a loader died.

A batch that a loader begins with is marked with the run of that loader. The mark goes when the
batch was loaded, set aside or given back. So a mark of another run tells the next loader that a
loader died with this batch, by itself or by a kill from outside:

| marked when the loader died           | what it means                     | what is counted |
|---------------------------------------|-----------------------------------|-----------------|
| several batches, none suspected       | any of them may be the cause      | each is suspected: one death |
| one suspected batch, which was alone  | it is the cause, or a kill met it | one more death  |

A suspected batch is tried alone, after all others. So a kill from outside costs an ordinary batch
one death, unless it meets the same batch alone again and again. At DEATHS_MAX it is kept unread.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import Enum

from sqlalchemy import ColumnElement, RowMapping, Select, func, or_, select, update

from schema.errors import RaytrailError
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.loading.set_back import IS_WAITING

# After so many failed attempts, or deaths, a batch is kept unread, for a later version to load.
ATTEMPTS_MAX = 5
DEATHS_MAX = 5

# Waiting batches are loaded in groups up to this size: for a batch of a thousand records, a part
# and a commit of its own would cost more than decoding it. Larger groups leave threads idle.
GROUP_BYTES_MAX = 64 * 2**20
GROUP_BATCHES_MAX = 256

# A body that is larger than this inflated has the threads for long loads from the start. Logpush
# jobs that `raytrail setup` makes send at most 50 MB.
SHORT_BYTES_MAX = GROUP_BYTES_MAX

# A suspected batch that needs too much memory ends its loader within seconds. Others wait no
# longer than this for one that is only long.
ALONE_SECONDS_MAX = 10.0

NEEDS_MEMORY = "needs more memory than the loader had"


class Lane(Enum):
    """Which batches a thread may take."""

    ANY = "any"
    SHORT = "short"
    LONG = "long"


class Claims:
    """The batches that one loader works on. Several threads may call every method."""

    def __init__(
        self, catalog: Catalog, run: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._run = run
        self._now = now
        self._lock = threading.Lock()
        self._claimed: set[int] = set()
        # By this loader's experience: those that took longer than a short load may, and those of a
        # group that did. One of these may be long, so they are loaded one by one.
        self._long: set[int] = set()
        self._single: set[int] = set()
        self._alone_since: float | None = None

    @contextlib.contextmanager
    def paused(self) -> Iterator[bool]:
        """No batch is claimed until the block ends; yields whether none is claimed now."""
        with self._lock:
            yield not self._claimed

    def count_deaths(self) -> None:
        """Count one death for each batch that another run has marked. The caller holds the loader's
        lock, so no other run is alive.
        """
        died = (batches.c.state == "entered") & batches.c.tried_by.is_not(None)
        died &= batches.c.tried_by != self._run
        with self._catalog.read() as connection:
            if connection.scalar(select(func.count()).where(died)) == 0:
                return
        counted = update(batches).where(died)
        with self._catalog.write() as connection:
            connection.execute(counted.values(deaths=batches.c.deaths + 1, tried_by=None))

    def next_group(self, lane: Lane = Lane.ANY, *, only_full: bool = False) -> list[RowMapping]:
        """Claim the oldest of the least tried batches, and untried batches of its dataset behind
        it. With `only_full` nothing is claimed while the group has room for more batches.
        """
        with self._lock:
            if self._is_one_alone():
                return []
            group = self._found(lane, only_full=only_full)
            sequences = {batch["sequence"] for batch in group}
            if sequences:
                self._mark(sequences)
                self._claimed |= sequences
                self._long -= sequences
                self._single -= sequences
                if is_suspected(group[0]):
                    self._alone_since = self._now()
            return group

    def done(self, group: Iterable[RowMapping]) -> None:
        """The group is no longer worked on; marks of batches that still wait stay."""
        with self._lock:
            self._claimed -= {batch["sequence"] for batch in group}
            if not self._claimed:
                self._alone_since = None

    def survived(self, batch_ids: Collection[str]) -> None:
        """These batches failed without ending the loader."""
        if batch_ids:
            self._unmark(batches.c.batch_id.in_(batch_ids))

    def give_back(self, group: Sequence[RowMapping]) -> None:
        """What ended the attempt was no fault of these batches, so that it does not count."""
        sequences = [batch["sequence"] for batch in group]
        # On a full disk the marks stay; they are of this run, which does not count them.
        with contextlib.suppress(RaytrailError):
            self._unmark(batches.c.sequence.in_(sequences), attempts=batches.c.attempts - 1)

    def gave_way(self, group: Sequence[RowMapping]) -> None:
        """The group takes long; which of its batches does, a load of each alone will tell."""
        with self._lock:
            found = self._long if len(group) == 1 else self._single
            found |= {batch["sequence"] for batch in group}
        self.give_back(group)

    def forgive(self) -> None:
        """From here on the end of this process is no fault of a batch: somebody stops it."""
        with contextlib.suppress(RaytrailError):
            self._unmark(batches.c.tried_by == self._run)

    def _is_one_alone(self) -> bool:
        since = self._alone_since
        return since is not None and self._now() - since < ALONE_SECONDS_MAX

    def _found(self, lane: Lane, *, only_full: bool) -> list[RowMapping]:
        waiting = self._waiting(lane)
        order = (batches.c.deaths, batches.c.attempts, batches.c.sequence)
        with self._catalog.read() as connection:
            first = connection.execute(waiting.order_by(*order).limit(1)).mappings().first()
            if first is None or (is_suspected(first) and self._claimed):
                return []
            alike = waiting.where(
                batches.c.dataset == first["dataset"],
                batches.c.attempts == 0,
                batches.c.sequence > first["sequence"],
                batches.c.sequence.not_in(self._single),
            )
            others = alike.order_by(batches.c.sequence).limit(GROUP_BATCHES_MAX - 1)
            is_alone = (
                first["attempts"]
                or is_suspected(first)
                or first["sequence"] in self._single
                or lane is Lane.LONG
            )
            found = [] if is_alone else connection.execute(others).mappings().all()
        group = _while_small([first, *found])
        is_full = len(group) == GROUP_BATCHES_MAX or len(group) <= len(found)
        return [] if only_full and not is_full else group

    def _waiting(self, lane: Lane) -> Select[tuple[object, ...]]:
        waiting = select(batches).where(IS_WAITING, batches.c.sequence.not_in(self._claimed))
        is_long = or_(
            batches.c.inflated_bytes > SHORT_BYTES_MAX, batches.c.sequence.in_(self._long)
        )
        if lane is Lane.LONG:
            return waiting.where(is_long)
        if lane is Lane.SHORT:
            is_short = func.coalesce(batches.c.inflated_bytes, 0) <= SHORT_BYTES_MAX
            return waiting.where(is_short, batches.c.sequence.not_in(self._long))
        return waiting

    def _mark(self, sequences: Collection[int]) -> None:
        tried = update(batches).where(batches.c.sequence.in_(sequences))
        with self._catalog.write() as connection:
            connection.execute(tried.values(attempts=batches.c.attempts + 1, tried_by=self._run))

    def _unmark(self, which: ColumnElement[bool], **values: object) -> None:
        kept = update(batches).where(which, batches.c.state == "entered")
        with self._catalog.write() as connection:
            connection.execute(kept.values(tried_by=None, **values))


def is_suspected(batch: RowMapping) -> bool:
    """Whether a loader has died while it was loaded."""
    return bool(batch["deaths"])


def is_last_attempt(batch: RowMapping) -> bool:
    return bool(batch["attempts"] + 1 >= ATTEMPTS_MAX)


def is_given_up(batch: RowMapping) -> bool:
    """Whether so many loaders have died while it was loaded that no other tries it."""
    return bool(batch["deaths"] >= DEATHS_MAX)


def reason_of_death(batch: RowMapping) -> str:
    return (
        f"{NEEDS_MEMORY}, or a fault ends it: {batch['deaths']} loaders died, or were killed, while"
        " they loaded this batch"
    )


def _while_small(waiting: Sequence[RowMapping]) -> list[RowMapping]:
    """The first batch, and the next ones while the group stays within GROUP_BYTES_MAX."""
    group = [waiting[0]]
    total_bytes = waiting[0]["inflated_bytes"] or 0
    for batch in waiting[1:]:
        total_bytes += batch["inflated_bytes"] or 0
        if total_bytes > GROUP_BYTES_MAX:
            break
        group.append(batch)
    return group
