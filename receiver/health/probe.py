"""Tries at an interval whether a batch could be stored, so that a failed disk is noticed and a mended
one too, without a sender that has to find out.
"""

import contextlib
import os
import threading
import time
from dataclasses import dataclass, field

from receiver.health.receiving import Receiving
from schema.errors import RaytrailError
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.errors import FolderReplaced, NoRoom, StoreBusy
from store.files import durable
from store.intake.intake import Intake
from store.intake.recovery import finish_left
from store.log import Log
from store.store import Store

# A proxy that asks every few seconds sees a mended disk within twice that. One small sync in this
# time is no load.
PROBE_SECONDS = 5.0

# A sync under full load takes a second or two; a disk that needs this long hangs.
DISK_SECONDS_MAX = 15.0


@dataclass
class Probe:
    """Runs in a thread of its own, because a call to a hung disk never returns."""

    store: Store
    receiving: Receiving
    log: Log
    intake: Intake
    stop: threading.Event = field(default_factory=threading.Event)
    # When the running call must be over, in seconds of the monotonic clock; None between probes.
    due_at: float | None = None
    # The failure that is in the log, so that one that lasts is logged once.
    logged: str = ""

    def start(self) -> None:
        threading.Thread(target=self._until_stopped, name="probe", daemon=True).start()

    def is_hung(self) -> bool:
        due_at = self.due_at
        return due_at is not None and time.monotonic() > due_at

    def once(self) -> None:
        """Try the disk and the catalog. If they work, finish the drafts that had to be left."""
        if self._succeeds() and not self.receiving.is_over:
            try:
                finished = finish_left(self.intake, self.store.limits.envelope)
            except Exception as error:  # noqa: BLE001 (they stay for the next probe)
                self.log.warning("drafts wait", reason=repr(error))
            else:
                if finished:
                    self.log.info("drafts finished", drafts=finished)

    def _succeeds(self) -> bool:
        """Write and sync a small file, and make an empty transaction in the catalog."""
        before = self.receiving.times_failed
        try:
            self._expect_within(DISK_SECONDS_MAX)
            self.store.catalog.folder.demand()
            durable.try_out(self.store.layout.probe_of(os.getpid()))
            # A lock that another process holds is no failure, so it may take as long as that.
            self._expect_within(LOCK_SECONDS_MAX + DISK_SECONDS_MAX)
            with contextlib.suppress(StoreBusy), self.store.catalog.write():
                pass
        except Exception as error:  # noqa: BLE001 (any failure is one to store a batch)
            self.receiving.failed(for_sender(error))
            self._log(str(error) if isinstance(error, RaytrailError) else repr(error))
            return False
        else:
            self.receiving.succeeded(before)
            self._log("")
            return True
        finally:
            self.due_at = None

    def _log(self, failure: str) -> None:
        if failure and failure != self.logged:
            self.log.warning("probe failed", reason=failure)
        elif self.logged and not failure:
            self.log.info("probe succeeds again")
        self.logged = failure

    def _expect_within(self, seconds: float) -> None:
        self.due_at = time.monotonic() + seconds

    def _until_stopped(self) -> None:
        while not self.stop.is_set():
            self.once()
            self.stop.wait(PROBE_SECONDS)


def for_sender(error: Exception) -> str:
    """What went wrong, without paths or sizes of the disk."""
    match error:
        case NoRoom():
            return "no free space on the disk"
        case StoreBusy():
            return "the store is busy"
        case FolderReplaced():
            return "the data folder was moved away or replaced"
        case _:
            return "the store cannot be reached"
