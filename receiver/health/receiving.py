"""Whether batches can be stored now: the verdict behind `/health`, shared by all receivers.

A process remembers its own failure, and only its own probe ends it. All receivers of a service
answer 503 while one of them has a failure: they share one address, so a proxy asks whichever
accepts its connection, and would otherwise see the failure or not by chance.
"""

import os
import threading

from store.files.notices import Notices

# A notice of this name belongs to one receiver. Its supervisor removes it when that process ends.
NOTICE = "receiving"

# After a failed sync it is unknown what is on disk, so this failure does not end.
DISK_FAILED = "the disk failed"


def notice_of(pid: int) -> str:
    return f"{NOTICE}-{pid}"


class Receiving:
    """Uploads and the probe report to it, from any thread."""

    def __init__(self, notices: Notices | None = None) -> None:
        self._notices = notices or Notices()
        self._lock = threading.Lock()
        self._failure: str | None = None
        self._times_failed = 0
        self._end: str | None = None

    @property
    def times_failed(self) -> int:
        return self._times_failed

    @property
    def is_over(self) -> bool:
        """No batch is accepted any more, because a later sync proves nothing."""
        return self._end is not None

    def failed(self, why: str) -> None:
        """A write, a sync or a commit failed."""
        with self._lock:
            self._times_failed += 1
            self._failure = why
            self._notices.put(notice_of(os.getpid()), why)

    def end(self, why: str) -> None:
        """Accept no batch from now on, because of a failure that no probe can end.

        It waits for nothing, so the event loop and every thread can call it. `failed` then tells the
        other receivers.
        """
        self._end = why

    def succeeded(self, times_failed: int) -> None:
        """A probe succeeded that began when `times_failed` was the number of failures."""
        with self._lock:
            if self._failure and times_failed == self._times_failed and not self.is_over:
                self._failure = None
                self._notices.clear(notice_of(os.getpid()))

    def failure(self) -> str | None:
        """Why a receiver of this service cannot store batches; None if all can. It reads notices."""
        if own := self._end or self._failure:
            return own
        told = self._notices.read().items()
        return next((text for name, text in told if name.startswith(f"{NOTICE}-")), None)
