"""Ends a child when its supervisor is gone, however it went.

The supervisor holds one end of a pipe; when it dies, even by SIGKILL, the other end reads
its end and the child asks itself to stop. One that does not is ended: a successor needs the
port, and whatever was under way is sent again.
"""

import os
import signal
import threading
import time

# A receiver's own 30 s for what is under way, and a little.
PATIENCE_SECONDS = 33.0


def follow(fd: int) -> None:
    """Send this process SIGTERM once the other end of `fd` is closed."""

    def wait() -> None:
        while os.read(fd, 1):
            pass  # Nobody writes; only the end counts.
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(PATIENCE_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
