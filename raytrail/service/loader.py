"""The loader process: entered batches become rows within seconds of the 200."""

from raytrail.errors import DISK_FAILED, FINE
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.live_loading import IDLE_SECONDS, LiveLoading

# After a full disk or a busy catalog it tries again after this; nothing is lost meanwhile.
TROUBLE_SECONDS = 5.0


def run(loading: LiveLoading) -> int:
    """Load and publish until told to stop; return the exit status.

    Only one loader works on a store at a time; a second one waits for the lock.
    """
    while not loading.stop.is_set():
        try:
            with durable.lock(loading.store.layout.loader_lock) as alone:
                if alone:
                    loading.until_stopped()
            loading.stop.wait(IDLE_SECONDS)
        except DiskFailed as error:
            loading.log.exception("disk failed", reason=str(error))
            return DISK_FAILED
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            loading.log.warning("loader waits", reason=str(error))
            loading.stop.wait(TROUBLE_SECONDS)
    return FINE
