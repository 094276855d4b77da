"""Loads what an import entered, in the import's own threads, where no service does that.

Whoever entered a body loads it while it is still at hand. Threads of their own for both would
take turns on the same cores, which costs a tenth of them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Event

from queries.definitions import shell_statements
from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.intake.fresh_bodies import FreshBodies
from store.live_loading import LiveLoading
from store.log import Log
from store.store import Store

# What may wait to be loaded, inflated. Ours is loaded a group of 64 MiB a thread at once, and so
# much is in memory, so that the loader need not inflate it again.
WAITING_BYTES_MAX = 384 * 1024 * 1024
# So often it is looked how much waits: files may be many and tiny.
LOOK_SECONDS = 0.05


class LoaderBeside:
    """`make_room` may be called by several threads at once."""

    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self._log = log
        self.is_ours = False
        self._fresh = FreshBodies(WAITING_BYTES_MAX)
        self._loading = LiveLoading(store, log, shell_statements(), fresh=self._fresh)
        self._loader = store.loader(fresh=self._fresh)
        # Each group that is loaded takes memory, so no more of them than cores can work on.
        self._groups = BoundedSemaphore(self._loading.threads)
        self._looked_at = float("-inf")

    @property
    def fresh(self) -> FreshBodies | None:
        """Where to keep what is entered; a service's loader reads from disk."""
        return self._fresh if self.is_ours else None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Load while the block runs, and then all that is left."""
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
        """To be called after each file; what does not fill a group yet goes on waiting.

        Nobody waits for a service once `stop` is set.
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
                    self._loading.tell(outcome)
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            self._log.warning("loader waits", reason=str(error))

    def _wait_for_the_service(self, stop: Event) -> None:
        """Bodies do not pile up without end. Should the service end, they are ours in the end."""
        lock = self._store.layout.loader_lock
        while self._store.waiting_bytes() > WAITING_BYTES_MAX and durable.is_locked(lock):
            if stop.wait(LOOK_SECONDS):
                return
