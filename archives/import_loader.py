"""Loads imported bodies in the threads of the import, unless a service loads them.

The thread that imported a body loads it while it is still in memory. Separate threads for the two
tasks would compete for the same cores, which costs a tenth of the speed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Event

from queries.shell_content import SHELL_CONTENT
from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.intake.fresh_bodies import FreshBodies
from store.live_loading import LiveLoading
from store.log import Log
from store.store import Store

# The limit for uncompressed bytes that wait to be loaded. They stay in memory, so the loader need
# not decompress them again; each thread loads a group of 64 MiB at once.
WAITING_BYTES_MAX = 384 * 1024 * 1024
# The pause between two checks of the backlog, since files may be many and small.
LOOK_SECONDS = 0.05


class ImportLoader:
    """`make_room` may be called by several threads at once."""

    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = log
        self.is_ours = False
        self._fresh = FreshBodies(WAITING_BYTES_MAX)
        self._loading = LiveLoading(store, log, SHELL_CONTENT, fresh=self._fresh)
        self._loader = store.loader(fresh=self._fresh)
        # Each group takes memory while it is loaded, so there are no more groups than cores.
        self._groups = BoundedSemaphore(self._loading.threads)
        self._looked_at = float("-inf")

    @property
    def fresh(self) -> FreshBodies | None:
        """Where to keep imported bodies in memory; None where a service loads them from disk."""
        return self._fresh if self.is_ours else None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Load during the block, and everything that is left at its end."""
        lock = self._store.layout.loader_lock
        with durable.lock(lock) as self.is_ours:
            if self.is_ours:
                self._loader.sweep()
            yield
        with durable.lock(lock) as alone:
            if alone:
                self._loading.until_drained()
        self.is_ours = self.is_ours or alone

    def make_room(self, stop: Event) -> None:
        """Load the groups that are full; to be called after each file.

        Where a service loads, wait for it until the backlog is small or `stop` is set.
        """
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        if self.is_ours:
            with self._groups:
                self._load_full_groups()
        else:
            self._wait_for_the_service(stop)
        self._looked_at = time.monotonic()

    def _load_full_groups(self) -> None:
        try:
            while outcomes := self._loader.load_next(only_full=True):
                for outcome in outcomes:
                    self._loading.log_outcome(outcome)
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            self._log.warning("loader waits", reason=str(error))

    def _wait_for_the_service(self, stop: Event) -> None:
        """Limits the backlog. If the service ends, the bodies are loaded at the end of the import."""
        lock = self._store.layout.loader_lock
        while self._store.waiting_bytes() > WAITING_BYTES_MAX and durable.is_locked(lock):
            if stop.wait(LOOK_SECONDS):
                return
