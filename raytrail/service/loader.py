"""The loader process: turns received batches into rows within seconds of the 200."""

from raytrail.errors import DISK_FAILED, FINE
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.live_loading import IDLE_SECONDS, LOADING, LiveLoading

# It tries again after this when the disk is full or the catalog busy; no batch is lost meanwhile.
TROUBLE_SECONDS = 5.0


def run(loading: LiveLoading) -> int:
    """Load and publish until `loading.stop` is set; the exit status.

    One loader at a time works on a store; a second one waits for the lock.
    """
    while not loading.stop.is_set():
        try:
            loading.store.catalog.folder.demand()
            with durable.lock(loading.store.layout.loader_lock) as alone:
                if alone:
                    loading.until_stopped()
            loading.stop.wait(IDLE_SECONDS)
        except DiskFailed as error:
            loading.log.exception("disk failed", reason=str(error))
            return DISK_FAILED
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            loading.log.warning("loader waits", reason=str(error))
            loading.notices.put(LOADING, f"the loader waits: {error}")
            loading.stop.wait(TROUBLE_SECONDS)
    return FINE
