"""Loads every entered batch and publishes every change. It may be killed at any point."""

import math
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from schema.errors import RaytrailError
from store.catalog import removals
from store.catalog.manifest import Change
from store.errors import DiskFailed, NoRoom
from store.files import stray
from store.files.notices import Notices
from store.intake.fresh_bodies import FreshBodies
from store.loading.lanes import GIVE_WAY_SECONDS, Lanes, threads_of
from store.loading.outcome import Failed, Loaded, Outcome, Unread
from store.loading.set_back import set_right
from store.log import Log
from store.reading.damage_watch import DamageWatch
from store.reading.shell.content import ShellContent
from store.retention import clock
from store.store import Store

# How often an idle loader looks; short against the five seconds that a batch may wait.
IDLE_SECONDS = 0.2
# While batches wait, the views are replaced at most this often, because that takes some 0.1 s of
# CPU, and more where the kinds of files have changed. An idle loader replaces them at once.
PUBLISH_SECONDS = 4.0
# Names of its notices.
LOADING, PUBLISHING, TABLES = "loading", "publishing", "tables"
# The largest body that a limit allows takes half of this time.
ROUND_SECONDS_MAX = 900.0
# How often it looks for leftovers of a killed replay and for retired parts.
TIDY_SECONDS = 10.0
# How often it looks whether every live file is there. A read finds out sooner.
GLANCE_SECONDS = 60.0


@dataclass
class LiveLoading:
    """Only one runs on a store: the caller holds `loader_lock`."""

    store: Store
    log: Log
    # What `audit.duckdb` offers beside its datasets.
    content: ShellContent
    stop: threading.Event = field(default_factory=threading.Event)
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    # Bodies that this process entered itself.
    fresh: FreshBodies | None = None
    # Those that are in the log already.
    _strays: set[str] = field(default_factory=set)
    # Why the published tables are behind, as it is in the log already.
    _behind: str = ""
    notices: Notices = field(default_factory=Notices)

    def until_drained(self) -> int:
        """Load all entered batches; return how many they were."""
        # Nobody waits for single batches here, so none that was begun gives way.
        with self._lanes(give_way_seconds=math.inf) as lanes:
            loader, watch = lanes.loader, self._watch()
            self._look(watch)
            loader.sweep()
            self._log_strays()
            loaded = 0
            while (outcomes := self._round(lanes)) or lanes.is_busy:
                loaded += len(outcomes)
                if not outcomes:
                    self.stop.wait(IDLE_SECONDS)
            self._publish(watch)
            self._shorten_waits()
            loader.tidy()
        return loaded

    def until_stopped(self) -> None:
        """Load and publish until `stop` is set."""
        with self._lanes() as lanes:
            loader = lanes.loader
            self.log.info("loader ready", swept=loader.sweep(), threads=self.threads)
            watch = self._watch()
            self._look(watch)
            self._log_strays()
            # Publish what a killed loader had loaded.
            shown, published_at = self._try_to_publish(watch), time.monotonic()
            is_changed, tidied_at, glanced_at = False, time.monotonic(), time.monotonic()
            steps = None
            while not self.stop.is_set():
                self.store.catalog.folder.demand()
                # One long load that hangs is noticed too: then nothing is promised.
                if not lanes.is_busy or lanes.steps != steps:
                    self.notices.promise(LOADING, "the loader", ROUND_SECONDS_MAX)
                    steps = lanes.steps
                outcomes = self._round(lanes)
                self.notices.clear(LOADING)
                # A replay or an erasure also changes which parts are live, and a link of two names
                # changes a register.
                is_changed = bool(outcomes) or is_changed or self.store.newest_change() != shown
                is_late = time.monotonic() - published_at > PUBLISH_SECONDS
                # Without the first condition an idle loader would try again at every look.
                is_due = is_late or (shown is not None and not outcomes)
                if is_changed and is_due:
                    shown, published_at = self._try_to_publish(watch), time.monotonic()
                    is_changed = False
                if time.monotonic() - tidied_at > TIDY_SECONDS:
                    self._shorten_waits()
                    loader.tidy()
                    self._make_room()
                    watch.recheck()
                    self._log_strays()
                    self._publish_tables()
                    tidied_at = time.monotonic()
                if time.monotonic() - glanced_at > GLANCE_SECONDS:
                    self._look(watch)
                    glanced_at = time.monotonic()
                if not outcomes:
                    self.stop.wait(IDLE_SECONDS)

    @contextmanager
    def _lanes(self, give_way_seconds: float = GIVE_WAY_SECONDS) -> Iterator[Lanes]:
        with (
            ThreadPoolExecutor(threads_of(self.threads), "load") as loading,
            ThreadPoolExecutor(self.threads, "decode") as decoding,
        ):
            loader = self.store.loader(decoding, self.fresh)
            lanes = Lanes(
                loader, loading, self.threads, self.stop, give_way_seconds=give_way_seconds
            )
            try:
                yield lanes
            finally:
                lanes.end()

    def _round(self, lanes: Lanes) -> list[Outcome]:
        outcomes = lanes.round()
        for outcome in outcomes:
            self.log_outcome(outcome)
        return outcomes

    def _shorten_waits(self) -> None:
        """Remove retired files after their grace although a clock that was ahead said years later."""
        with self.store.catalog.read() as connection:
            known = clock.known_right(connection)
        if known is not None and known.doubt is not None:
            return  # A clock that is behind now would end every grace.
        grace = max(removals.GRACE, self.store.shell.grace)
        if shortened := removals.shorten(self.store.catalog, self.store.clock(), grace):
            self.log.warning("removals were due too late", files=shortened)

    def _make_room(self) -> None:
        """On a nearly full disk, do not keep files for open shells."""
        try:
            self.store.limits.reserve.require(self.store.layout.root)
        except NoRoom as error:
            removed = removals.remove_early(
                self.store.layout, self.store.catalog, self.store.clock()
            )
            if removed:
                self.log.warning(
                    "files that were kept for open shells removed",
                    files=removed,
                    reason=str(error),
                )

    def _log_strays(self) -> None:
        """Log files that were moved to `stray/`, by whatever process; once a service."""
        found = {file.path: file for file in stray.found(self.store.layout)}
        for path, file in found.items():
            if path not in self._strays:
                self.log.error("unknown file moved to stray/", path=path, was=file.original)
        self._strays = set(found)

    def _try_to_publish(self, watch: DamageWatch) -> Change | None:
        """None if the views cannot be published; batches become rows nevertheless."""
        try:
            return self._publish(watch)
        except DiskFailed:
            raise
        except RaytrailError as error:
            self.log.warning("not published", reason=str(error))
            return None

    def _publish(self, watch: DamageWatch) -> Change:
        """Publish the live files; return the newest change they include, or an earlier one."""
        newest = self.store.newest_change()
        try:
            shown = self.store.publish(self.content)
        except RaytrailError as error:
            self.notices.put(PUBLISHING, f"audit.duckdb cannot be published: {error}")
            raise
        self.notices.clear(PUBLISHING)
        watch.note(shown.damaged)
        self._publish_tables()
        return newest

    def _publish_tables(self) -> None:
        """After `audit.duckdb`, and again later where that failed; nothing waits for it."""
        why = self.store.shell.tables(self.store)
        if why:
            self.notices.put(TABLES, f"the published tables are behind: {why}")
        else:
            self.notices.clear(TABLES)
        if why and why != self._behind:
            self.log.warning("tables not published", reason=why)
        self._behind = why

    def _look(self, watch: DamageWatch) -> None:
        """Find files that are missing, cut, emptied or exchanged; only reading them whole finds
        more. Set batches right whose state was set back.
        """
        set_right(self.store.catalog, self.log)
        watch.recheck()
        watch.note(self.store.snapshot().glanced().damaged)

    def _watch(self) -> DamageWatch:
        return self.store.damage_watch(self.log, found_by="loader")

    def log_outcome(self, outcome: Outcome) -> None:
        match outcome:
            case Loaded():
                self.log.info(
                    "loaded",
                    batch=outcome.batch_id,
                    dataset=outcome.dataset,
                    rows=outcome.rows,
                    rejected_lines=outcome.rejected_lines,
                    parts=outcome.parts,
                )
            case Unread():
                self.log.error("unread", batch=outcome.batch_id, reason=outcome.reason)
            case Failed():
                self.log.error("not loaded", batch=outcome.batch_id, reason=outcome.reason)
