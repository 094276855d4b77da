"""A process that loads keeps the memory it has freed, since the next group needs as much again.

glibc returns freed memory to the kernel, and each group would fetch it again page by page. This
took a twentieth to a tenth of the time of loading (docs/performance.md).
"""

import ctypes
from contextlib import suppress

# The names of glibc's malloc.h. Arenas are one for each thread otherwise, and each keeps its own.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8

# More than a loader ever has free at its end, so that it returns nothing by itself.
_KEPT_BYTES_MAX = 2**31 - 1
# The largest that glibc takes. Blocks above it go back to the kernel when they are freed.
_BLOCK_BYTES_MAX = 32 * 2**20


class KeptMemory:
    """Create it before threads load: from then on this process keeps what it frees.

    Without glibc it does nothing.
    """

    def __init__(self) -> None:
        self._is_used = self._was_used = False
        with suppress(AttributeError):
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_ARENA_MAX, 1)
            mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES_MAX)
            mallopt(_TRIM_THRESHOLD, _KEPT_BYTES_MAX)

    def use(self) -> None:
        """Something is loaded."""
        self._is_used = True

    def rest(self) -> None:
        """To be called now and then: where nothing was loaded since the last call, all that is
        free is given back, once.
        """
        if self._was_used and not self._is_used:
            with suppress(AttributeError):
                ctypes.CDLL(None).malloc_trim(0)
        self._was_used, self._is_used = self._is_used, False
