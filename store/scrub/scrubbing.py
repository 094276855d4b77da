"""The loop of the scrub: a round at an interval, until it is stopped."""

import threading
from dataclasses import dataclass, field
from datetime import timedelta

from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.files.notices import Notices
from store.log import Log
from store.registers import scrubs
from store.scrub.pace import Stopped
from store.scrub.scrub import Scrub

# After a start, receiving and loading what waited come first.
START_SECONDS = 60.0
# How often it looks whether a round is due, and how soon it tries again after trouble.
IDLE_SECONDS = 60.0

# The name of its notice.
SCRUB = "scrub"
# It reports at each read of a file. SQLite's check of the catalog is one step without a report, and
# may take hours on a slow disk.
SILENCE_SECONDS_MAX = 6 * 3600.0


@dataclass
class Scrubbing:
    """`disk_failed` says whether a failed disk ended it."""

    scrub: Scrub
    log: Log
    stop: threading.Event
    every: timedelta
    notices: Notices = field(default_factory=Notices)
    start_seconds: float = START_SECONDS
    idle_seconds: float = IDLE_SECONDS
    disk_failed: bool = False

    def forever(self) -> None:
        self.stop.wait(self.start_seconds)
        while not self.stop.is_set():
            try:
                self.promise()
                if self._is_due():
                    done = self.scrub.run_round(self.promise)
                    self.log.info("scrubbed", files=done.files, bytes=done.bytes)
                self.notices.clear(SCRUB)
            except Stopped:
                break
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                self.disk_failed = True
                # The rest of its process must end too.
                self.stop.set()
            except RaytrailError as error:
                self.log.warning("scrub waits", reason=str(error))
                self.notices.put(SCRUB, f"the scrub waits: {error}")
            except Exception as error:
                # Such as a MemoryError. The thread must not end, because its process goes on.
                self.log.exception("scrub failed", reason=repr(error))
                kind = type(error).__name__
                self.notices.put(SCRUB, f"the scrub failed: {kind}, see the log; it tries again")
            self.stop.wait(self.idle_seconds)

    def promise(self) -> None:
        self.notices.promise(SCRUB, "the scrub", SILENCE_SECONDS_MAX)

    def _is_due(self) -> bool:
        store = self.scrub.store
        with store.catalog.read() as connection:
            newest = scrubs.state(connection).newest
        if newest is None or newest.ended_at is None:
            return True
        # Of a clock that was set back the round is due too.
        return not timedelta() <= store.clock() - newest.started_at < self.every
