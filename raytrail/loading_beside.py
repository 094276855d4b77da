"""A loader at work beside whoever fills the store, where no service has one."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from raytrail.errors import DISK_FAILED
from raytrail.loading import Loading
from receiver.refusal_log import Log
from store import durable
from store.errors import DiskFailed
from store.fresh_bodies import FreshBodies
from store.store import Store

# What may wait to be loaded, inflated. A loader takes 64 MiB a thread at once; more is no use,
# and so much is in memory, so that the loader need not inflate it again.
WAITING_BYTES_MAX = 384 * 1024 * 1024
LOOK_SECONDS = 0.05


class LoaderBeside:
    """Loads while the import runs, and what is left behind it, unless a service does that.

    Should the service end meanwhile, its lock is free and we go on loading.
    """

    def __init__(self, store: Store, log: Log) -> None:
        self._store = store
        self.is_ours = not durable.is_locked(store.layout.loader_lock)
        # A service's loader reads from disk.
        self.fresh = FreshBodies(WAITING_BYTES_MAX) if self.is_ours else None
        # Our own questions ask the catalog; to show the rows to others costs the more the more
        # parts there are, so that is done once, in the end.
        self._loading = Loading(store, log, publishes=False, fresh=self.fresh)
        self._statuses: list[int] = []
        # So often it is looked how much waits: files may be many and tiny.
        self._looked_at = 0.0
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)

    def wait_for_room(self) -> None:
        """Bodies wait for a loader, whoever's it is; they do not pile up without end."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        while self._store.waiting_bytes() > WAITING_BYTES_MAX:
            self._demand_disk()
            time.sleep(LOOK_SECONDS)
        self._looked_at = time.monotonic()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._loading.stop.set()
            self._thread.join()
        self._demand_disk()
        with durable.lock(self._store.layout.loader_lock) as alone:
            if alone:
                self._loading.until_drained()

    def _run(self) -> None:
        self._statuses.append(self._loading.forever())

    def _demand_disk(self) -> None:
        if self._statuses == [DISK_FAILED]:
            raise DiskFailed("the disk failed while batches were loaded; see the log")
