"""Inflated bodies that this process entered a moment ago, kept in memory for its own loader.

Without them an import would inflate every body twice: once to enter it, and once to load it. The
loader reads a body that is not here from disk.
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence

# At least this many bodies fit; a larger body is read from disk again.
BODIES_MIN = 4


class FreshBodies:
    """Safe for several threads. Past `bytes_max` the oldest bodies are dropped."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self._lock = threading.Lock()
        self._bodies = OrderedDict[str, Sequence[bytes]]()
        self._bytes = 0

    @property
    def body_bytes_max(self) -> int:
        return self.bytes_max // BODIES_MIN

    def keep(self, batch_id: str, pieces: Sequence[bytes]) -> None:
        """`pieces` are all the inflated bytes of a batch that the ledger names."""
        with self._lock:
            self._bodies[batch_id] = pieces
            self._bytes += _size(pieces)
            while self._bytes > self.bytes_max:
                _, oldest = self._bodies.popitem(last=False)
                self._bytes -= _size(oldest)

    def take(self, batch_id: str) -> Sequence[bytes] | None:
        """The inflated bytes, once; a second reader finds them in the raw file."""
        with self._lock:
            pieces = self._bodies.pop(batch_id, None)
            self._bytes -= _size(pieces or ())
            return pieces


def _size(pieces: Sequence[bytes]) -> int:
    return sum(map(len, pieces))
