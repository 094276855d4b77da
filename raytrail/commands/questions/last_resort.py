"""Holds a typed statement to the limits where DuckDB does not, as in one call on one long text.

DuckDB does not count the memory of such a text, and looks for an interrupt only after the call. The
receiver runs on the same machine.
"""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from queries.limits import MEMORY_BYTES_MAX
from raytrail.errors import COULD_NOT_DO_IT

# Python and what DuckDB does not count, beside what it does.
PROCESS_BYTES_MAX = 2 * MEMORY_BYTES_MAX


@contextmanager
def bounded_memory(most: int = PROCESS_BYTES_MAX) -> Iterator[None]:
    """Until the block ends, this process gets no more memory than that: DuckDB reports it as its own
    limit.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if soft == resource.RLIM_INFINITY or soft > most:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def end_overdue() -> None:
    """End this process, since the statement cannot be ended. The next command removes its spills."""
    sys.stderr.write("raytrail: the statement did not stop at its limit of time; ask for less\n")
    sys.stderr.flush()
    os._exit(COULD_NOT_DO_IT)
