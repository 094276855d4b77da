"""Inflated bodies that were entered a moment ago, for a loader in the same process.

Whoever fills a store faster than people do would else inflate everything twice: once to make a
promise of it, and once to keep it. What is not here is read from disk, as ever.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence


class FreshBodies:
    """Several threads may keep and take at once. Past `bytes_max` the oldest are let go."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._lock = threading.Lock()
        self._bodies = OrderedDict[str, Sequence[bytes]]()
        self._bytes = 0

    def keep(self, batch_id: str, pieces: Sequence[bytes]) -> None:
        """`pieces` are all the plain bytes of a batch that the ledger names."""
        with self._lock:
            self._bodies[batch_id] = pieces
            self._bytes += _size(pieces)
            while self._bytes > self.bytes_max:
                _, oldest = self._bodies.popitem(last=False)
                self._bytes -= _size(oldest)

    def take(self, batch_id: str) -> Sequence[bytes] | None:
        """The plain bytes, once; whoever needs them again reads the raw file."""
        with self._lock:
            pieces = self._bodies.pop(batch_id, None)
            self._bytes -= _size(pieces or ())
            return pieces


def _size(pieces: Sequence[bytes]) -> int:
    return sum(map(len, pieces))
