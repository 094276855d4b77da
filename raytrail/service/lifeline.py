"""Ends a child process when its supervisor has died, even by SIGKILL.

The supervisor holds the write end of a pipe. When it dies, the child reads the end of the file and
sends itself SIGTERM. A child that does not stop in time is killed, because the next supervisor
needs the port; Logpush sends unfinished requests again.
"""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# A receiver takes up to 30 s to finish its requests.
STOP_SECONDS_MAX = 33.0


def follow(fd: int) -> None:
    """Send SIGTERM to this process once the write end of `fd` is closed."""

    def wait() -> None:
        while os.read(fd, 1):
            pass  # Nothing is ever written; only the end of the file matters.
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS_MAX)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


@contextmanager
def held() -> Iterator[int]:
    """A descriptor for the children to follow; it reads its end once this process is gone."""
    read_end, write_end = os.pipe()
    try:
        yield read_end
    finally:
        os.close(write_end)
        os.close(read_end)
