"""The turn of one load, which ends early where the load holds up others for too long."""

import threading


class GaveWay(Exception):
    """The load was told to end; what it wrote is abandoned, and its batches wait again."""


class Turn:
    """One thread calls `step` between two pieces of a body; any thread may call `end`."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        # Shows that a long load gets on.
        self.steps = 0

    def end(self) -> None:
        self._is_over.set()

    def step(self, _rows: int) -> None:
        """One more piece was decoded. Raises GaveWay once the turn is over."""
        self.steps += 1
        if self._is_over.is_set():
            raise GaveWay
