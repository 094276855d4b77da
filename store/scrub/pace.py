"""Limits how fast the scrub reads, so that it never slows receiving, loading or questions down."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1024 * 1024

# A tenth of what a single hard disk reads; 1 TiB takes a day and a half.
BYTES_PER_SECOND = 8 * MIB

# Opening a file costs a disk about as much time as reading so much.
FILE_BYTES = 256 * 1024

# A shorter pause is not worth waking up for.
PAUSE_SECONDS_MIN = 0.02


class Stopped(Exception):
    """Ends a round before it is complete; the next one goes on where it was saved."""


@dataclass
class Pace:
    """Blocks the caller as long as it reads too fast. Time without reading earns nothing."""

    stop: threading.Event
    bytes_per_second: float = BYTES_PER_SECOND
    now: Callable[[], float] = time.monotonic
    due_at: float = 0.0

    def file(self) -> None:
        self.read(FILE_BYTES)

    def read(self, count: int) -> None:
        """Account for `count` bytes. Raises Stopped once `stop` is set."""
        now = self.now()
        self.due_at = max(self.due_at, now) + count / self.bytes_per_second
        if self.due_at - now > PAUSE_SECONDS_MIN:
            self.stop.wait(self.due_at - now)
        if self.stop.is_set():
            raise Stopped
