"""The compactor process: merges what is worth merging, and lets the loader go first.

It may be killed at any point; the next one sweeps what was half made and begins the job again.
"""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from queries.definitions import shell_statements
from queries.escape import for_terminal
from raytrail.errors import DISK_FAILED, FINE
from store import timestamps
from store.backoff import STEP_SECONDS
from store.compaction import progress
from store.compaction.compactor import Compactor, MergeResult
from store.compaction.file_swap import FileSwap
from store.compaction.progress import RewriteProgress
from store.compaction.tiers import RewriteJob
from store.errors import (
    DiskFailed,
    NoRoom,
    RetentionRefused,
    RewriteRefused,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
)
from store.lifetimes import Lifetimes
from store.log import Log
from store.reading import views
from store.retention.retention import Retention
from store.store import Store

# How often it looks for work: parts come every few seconds, and a merge wants sixteen.
IDLE_SECONDS = 10.0
TROUBLE_SECONDS = 30.0

# Longer than who waits for the lock takes to look again: an erasure gets its turn after this job.
BETWEEN_SECONDS = 2 * STEP_SECONDS

# A job that could not be done is tried again after this, since a person may have mended the file.
RETRY_SECONDS = 3600.0

# Batches are to be visible within 5 s; past that the compactor stands aside, but not for ever,
# since many parts make everything slow.
YIELD_LAG_SECONDS = 3.0
YIELD_SECONDS_MAX = 30.0
YIELD_LOOK_SECONDS = 0.5

# A clock that is mended, or a person who consents, is noticed within so long.
RETENTION_RETRY = timedelta(hours=1)

# Rather a merge that fails than a receiver that is killed for want of memory. Twice what the
# largest day was seen to take.
MEMORY_BYTES_MAX = 4 * 2**30

# How often a long job says how far it is.
TELL_SECONDS = 10.0


class Stopped(Exception):
    """Leaves a job in the middle; nothing of it is shown."""


@dataclass
class Compacting:
    """Runs until `stop` is set. One at a time works on a store; a second waits.

    Once a day, and at the start, what has outlived `lifetimes` goes.
    """

    store: Store
    log: Log
    lifetimes: Lifetimes | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    idle_seconds: float = IDLE_SECONDS
    between_seconds: float = BETWEEN_SECONDS
    refused: dict[frozenset[str], float] = field(default_factory=dict)
    retention_due_at: datetime | None = None

    def forever(self) -> int:
        """Compact until told to stop; the exit status."""
        while not self.stop.is_set():
            try:
                self.stop.wait(self.between_seconds if self._work() else self.idle_seconds)
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                return DISK_FAILED
            except (NoRoom, StoreBusy, StoreUnavailable) as error:
                self.log.warning("compactor waits", reason=str(error))
                self.stop.wait(TROUBLE_SECONDS)
            except Stopped:
                break
        return FINE

    def _work(self) -> bool:
        """Do the most pressing job; False when there is none, or another compactor at work."""
        told = _Teller(self)
        swap = self.store.file_swap(told)
        with swap.locked() as has_lock:
            if has_lock and self.lifetimes is not None and self._is_retention_due():
                self._retain(swap, self.lifetimes)
            waiting = (job for job in Compactor(swap).due_jobs() if self._may_try(job))
            job = next(waiting, None) if has_lock else None
            if job is None:
                return False
            told.begin(job)
            self._do(swap, job)
            return True

    def _is_retention_due(self) -> bool:
        return self.retention_due_at is None or self.store.clock() >= self.retention_due_at

    def _retain(self, swap: FileSwap, lifetimes: Lifetimes) -> None:
        """What a person must have a word about waits for them; it is looked at again in an hour."""
        now = self.store.clock()
        self.retention_due_at = now + RETENTION_RETRY
        try:
            done = Retention(swap, lifetimes).run()
        except (RetentionRefused, RewriteRefused, StoreDamaged) as error:
            self.log.warning("retention waits", reason=str(error))
            return
        tomorrow = now.date() + timedelta(days=1)
        self.retention_due_at = datetime.combine(tomorrow, time_of_day.min)
        if done.sequence is not None:
            plan = done.plan
            self.log.info("retained", rows=plan.rows, raw_bodies=plan.bodies)

    def _do(self, swap: FileSwap, job: RewriteJob) -> None:
        try:
            done = Compactor(swap).run(job)
        except (RewriteRefused, StoreDamaged, MemoryError) as error:
            self.refused[job.paths] = time.monotonic()
            self.log.exception(
                "not compacted", dataset=job.dataset, label=job.label, reason=str(error)
            )
        else:
            self.log.info("compacted", **asdict(done))

    def _may_try(self, job: RewriteJob) -> bool:
        refused_at = self.refused.get(job.paths)
        return refused_at is None or time.monotonic() - refused_at > RETRY_SECONDS


@dataclass
class _Teller:
    """Says how far a long job is, and stands aside while the loader is behind."""

    compacting: Compacting
    job: RewriteJob | None = None
    told_at: float = 0.0

    def begin(self, job: RewriteJob) -> None:
        self.job, self.told_at = job, time.monotonic()
        self._show(job, 0)

    def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if self.job is not None and now - self.told_at > TELL_SECONDS:
            self.told_at = now
            self._show(self.job, rows)
            self.compacting.log.info(
                "compacting",
                dataset=self.job.dataset,
                label=self.job.label,
                rows=rows,
                of=self.job.rows,
            )
        deadline = now + YIELD_SECONDS_MAX
        while self._is_behind() and time.monotonic() < deadline:
            self.compacting.stop.wait(YIELD_LOOK_SECONDS)
        if self.compacting.stop.is_set():
            raise Stopped

    def _show(self, job: RewriteJob, rows: int) -> None:
        store = self.compacting.store
        told_at = timestamps.to_text(store.clock())
        at_work = RewriteProgress(
            dataset=job.dataset, label=job.label, rows=rows, of=job.rows, told_at=told_at
        )
        progress.write(store.layout, at_work)

    def _is_behind(self) -> bool:
        if self.compacting.stop.is_set():
            return False
        return self.compacting.store.progress().pending.lag_seconds > YIELD_LAG_SECONDS


def limit_memory() -> None:
    """For a process of the compactor's own."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES_MAX, hard))


@dataclass(frozen=True, slots=True)
class Refused:
    """A job that could not be done, and why; all its files stay as they were."""

    dataset: str
    label: str
    reason: str


Outcome = MergeResult | Refused


def once(store: Store, tell: Callable[[int], None] = lambda _rows: None) -> list[Outcome] | None:
    """Do all that is to be done now, by hand; None when a compactor is at work already."""
    swap = store.file_swap(tell)
    done: list[Outcome] = []
    tried: set[frozenset[str]] = set()
    with swap.locked() as has_lock:
        if not has_lock:
            return None
        while waiting := _untried(swap, tried):
            tried.add(waiting[0].paths)
            done.append(_outcome(swap, waiting[0]))
    if any(isinstance(each, MergeResult) for each in done):
        show(store)
    return done


def _untried(swap: FileSwap, tried: set[frozenset[str]]) -> list[RewriteJob]:
    found = Compactor(swap).due_jobs(is_manual=True)
    return [job for job in found if job.paths not in tried]


def _outcome(swap: FileSwap, job: RewriteJob) -> Outcome:
    try:
        return Compactor(swap).run(job)
    except (RewriteRefused, StoreDamaged) as error:
        return Refused(job.dataset, job.label, str(error))


def show(store: Store) -> None:
    """Have `audit.duckdb` show what is live now, where no loader is at work to do it."""
    views.publish_unless_loading(store.layout, store.snapshot, shell_statements())


def is_wrong(done: list[Outcome]) -> bool:
    return any(isinstance(each, Refused) for each in done)


def as_object(done: list[Outcome]) -> dict[str, Any]:
    return {
        "compacted": [asdict(each) for each in done if isinstance(each, MergeResult)],
        "refused": [asdict(each) for each in done if isinstance(each, Refused)],
    }


def lines(done: list[Outcome]) -> Iterator[str]:
    for each in done:
        where = f"{for_terminal(each.dataset)} {for_terminal(each.label)}"
        if isinstance(each, Refused):
            yield f"{where}: left as it was: {for_terminal(each.reason)}"
            continue
        folded = f", {each.folded:,} lines folded" if each.folded else ""
        yield (
            f"{where}: {each.files_before:,} files are {each.files_after:,} now"
            f" ({each.tier}, {each.rows:,} rows{folded})"
        )
    if not done:
        yield "nothing to do"
