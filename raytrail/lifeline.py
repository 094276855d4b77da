"""Ends a child when its supervisor is gone, however it went.

The supervisor holds one end of a pipe; when it dies, even by SIGKILL, the other end reads
its end and the child asks itself to stop.
"""

import os
import signal
import threading


def follow(fd: int) -> None:
    """Send this process SIGTERM once the other end of `fd` is closed."""

    def wait() -> None:
        while os.read(fd, 1):
            pass  # Nobody writes; only the end counts.
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
