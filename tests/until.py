"""Waiting for what must happen. A machine may be slow, so only "never" is a failure."""

import time
from collections.abc import Callable

# Many times what the slowest thing here takes, and no longer than a test may.
PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.01


def until(happened: Callable[[], object], never: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again; fails with `never` where it does not happen."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"never: {never}"
        time.sleep(LOOK_SECONDS)
