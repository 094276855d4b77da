"""The compactor process: merges small files, and pauses while the loader is behind.

It may be killed at any point: the next one removes unfinished files and starts the job again.
"""

import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from raytrail.errors import DISK_FAILED, FINE
from store import timestamps
from store.backoff import STEP_SECONDS
from store.compaction import probable_counts, progress
from store.compaction.compactor import Compactor
from store.compaction.facts import waiting
from store.compaction.facts.reading import FactReading
from store.compaction.file_swap import FileSwap
from store.compaction.progress import RewriteProgress, Stopped
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
from store.files.notices import Notices
from store.lifetimes import Lifetimes
from store.log import Log
from store.replay.remake import Remade, Remaking
from store.retention.retention import Retention
from store.store import Store
from store.uptime import ReadUptime, no_uptime

# How often it looks for work: a part arrives every few seconds, and a merge takes sixteen.
IDLE_SECONDS = 10.0
TROUBLE_SECONDS = 30.0

# Longer than the interval at which another process tries the lock: a waiting erasure runs next.
BETWEEN_SECONDS = 2 * STEP_SECONDS

# A failed job is tried again after this; a person may have repaired the file.
RETRY_SECONDS = 3600.0

# Batches must be visible within 5 s. The compactor pauses when the loader falls behind, but for at
# most half of its time, because many small files make every question slow.
YIELD_LAG_SECONDS = 3.0
YIELD_SECONDS_MAX = 30.0
YIELD_LOOK_SECONDS = 0.5

# A corrected clock, or a person's consent, takes effect within this time.
RETENTION_RETRY = timedelta(hours=1)

# How often a long job logs its progress.
TELL_SECONDS = 10.0

MERGING, RETENTION = "merging", "retention"
# A merge reports after every few thousand rows; deleting many files at once does not.
SILENCE_SECONDS_MAX = 1800.0
LOCKED_SECONDS_MAX = 3600.0  # an erasure or a replay may take as long
LOCKED_OUT = "the compactor waits for another process, such as an erasure, for more than an hour"


@dataclass
class Compacting:
    """Runs until `stop` is set. One compactor at a time works on a store; a second one waits.

    At the start and once a day it also deletes what is past its retention (`lifetimes`).
    """

    store: Store
    log: Log
    lifetimes: Lifetimes | None = None
    uptime: ReadUptime = no_uptime
    # Computes what is kept of the users of a file.
    reading: FactReading | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    idle_seconds: float = IDLE_SECONDS
    between_seconds: float = BETWEEN_SECONDS
    notices: Notices = field(default_factory=Notices)
    # Since when another process has had the lock, in seconds of the monotonic clock.
    locked_since: float | None = None
    refused: dict[frozenset[str], float] = field(default_factory=dict)
    put_off: waiting.PutOff = field(default_factory=waiting.PutOff)
    # When each damaged file was last tried to be made again.
    remade: dict[str, float] = field(default_factory=dict)
    retention_due_at: datetime | None = None
    # It does not pause for the loader before this time of the monotonic clock.
    works_until: float = 0.0

    def forever(self) -> int:
        """Compact until `stop` is set; the exit status."""
        while not self.stop.is_set():
            try:
                self.stop.wait(self.between_seconds if self._work() else self.idle_seconds)
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                return DISK_FAILED
            except (NoRoom, StoreBusy, StoreUnavailable) as error:
                self.log.warning("compactor waits", reason=str(error))
                self.notices.put(MERGING, f"the compactor waits: {error}")
                self.stop.wait(TROUBLE_SECONDS)
            except Stopped:
                break
        return FINE

    def _work(self) -> bool:
        """Make a damaged file again, or run the most urgent job; False when there is neither."""
        self.promise()
        self.store.catalog.folder.demand()
        if self._remake():
            return True
        reported = _Progress(self)
        swap = self.store.file_swap(reported)
        with swap.locked() as has_lock:
            if has_lock:
                probable_counts.complete(swap)
            if has_lock and self.lifetimes is not None and self._is_retention_due():
                self._retain(swap, self.lifetimes)
            due = Compactor(swap).due_jobs()
            possible = [job for job in due if self._may_try(job)]
            if self._is_locked_out(has_lock=has_lock):
                self.notices.put(MERGING, LOCKED_OUT)
            elif len(possible) == len(due):
                self.notices.clear(MERGING)
            job = possible[0] if has_lock and possible else None
            if job is None:
                return has_lock and waiting.complete_some(swap, self.reading, self.put_off)
            reported.begin(job)
            self._do(swap, job)
            return True

    def _remake(self) -> bool:
        """Try to make one damaged file again; False if none is to be tried now."""
        swap = self.store.file_swap(_Progress(self))
        done = Remaking(swap, self.store.limits, time.monotonic, self.remade).once()
        if isinstance(done, Remade):
            self.log.info("made again", **asdict(done))
        elif done is not None:
            self.log.warning("not made again", **asdict(done))
        return done is not None

    def promise(self) -> None:
        self.notices.promise(MERGING, "the compactor", SILENCE_SECONDS_MAX)

    def _is_locked_out(self, *, has_lock: bool) -> bool:
        """Whether another process has kept it from merging for too long."""
        now = time.monotonic()
        self.locked_since = None if has_lock else self.locked_since or now
        return self.locked_since is not None and now - self.locked_since > LOCKED_SECONDS_MAX

    def _is_retention_due(self) -> bool:
        return self.retention_due_at is None or self.store.clock() >= self.retention_due_at

    def _retain(self, swap: FileSwap, lifetimes: Lifetimes) -> None:
        """Delete expired data. A removal that needs a person's consent is tried again in an hour."""
        now = self.store.clock()
        self.retention_due_at = now + RETENTION_RETRY
        try:
            done = Retention(swap, lifetimes, self.uptime).run()
        except (RetentionRefused, RewriteRefused, StoreDamaged) as error:
            self.log.warning("retention waits", reason=str(error))
            self.notices.put(RETENTION, f"retention waits: {error}")
            return
        self.notices.clear(RETENTION)
        tomorrow = now.date() + timedelta(days=1)
        self.retention_due_at = datetime.combine(tomorrow, datetime.min.time())
        if unreadable := [file["path"] for file in done.plan.unreadable]:
            self.log.error("not retained", files=unreadable)
        if done.sequence is not None:
            self.log.info("retained", rows=done.plan.rows, raw_bodies=done.plan.bodies)

    def _do(self, swap: FileSwap, job: RewriteJob) -> None:
        try:
            done = Compactor(swap, self.reading).run(job)
        except (RewriteRefused, StoreDamaged, MemoryError) as error:
            if lost := swap.note_damage((*job.inputs, *job.settled), "compactor"):
                reasons = {path: why.reason for path, why in lost.items()}
                self.log.error("damaged", files=reasons)  # noqa: TRY400 (no fault of ours)
                return  # the next job of these files leaves the damaged ones out
            self.refused[job.paths] = time.monotonic()
            self.log.exception(
                "not compacted", dataset=job.dataset, label=job.label, reason=str(error)
            )
            what = f"{job.dataset} {job.label} cannot be merged"
            self.notices.put(MERGING, f"{what}: {str(error) or type(error).__name__}")
        else:
            self.log.info("compacted", **asdict(done))

    def _may_try(self, job: RewriteJob) -> bool:
        refused_at = self.refused.get(job.paths)
        return refused_at is None or time.monotonic() - refused_at > RETRY_SECONDS


@dataclass
class _Progress:
    """Reports the progress of long work, and pauses it while the loader is behind.

    Only a merge has a `job`; retention and the replay of a damaged file have none.
    """

    compacting: Compacting
    job: RewriteJob | None = None
    told_at: float = 0.0

    def begin(self, job: RewriteJob) -> None:
        self.job, self.told_at = job, time.monotonic()
        self._show(job, 0)

    def __call__(self, rows: int) -> None:
        now = time.monotonic()
        if now - self.told_at > TELL_SECONDS:
            self.told_at = now
            self.compacting.promise()
            if self.job is not None:
                self._tell(self.job, rows)
        if now >= self.compacting.works_until:
            self._yield(now + YIELD_SECONDS_MAX)
        if self.compacting.stop.is_set():
            raise Stopped

    def _yield(self, deadline: float) -> None:
        """Wait for the loader; after the longest wait, work for as long without another."""
        while self._is_behind():
            if time.monotonic() >= deadline:
                self.compacting.works_until = deadline + YIELD_SECONDS_MAX
                return
            self.compacting.stop.wait(YIELD_LOOK_SECONDS)

    def _tell(self, job: RewriteJob, rows: int) -> None:
        self._show(job, rows)
        self.compacting.log.info(
            "compacting", dataset=job.dataset, label=job.label, rows=rows, of=job.rows
        )

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
