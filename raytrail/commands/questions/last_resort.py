"""Holds a typed statement to the limits where DuckDB does not, as in one call on one long text.

DuckDB does not count the memory of such a text, and looks for an interrupt only after the call. The
receiver runs on the same machine.
"""

import os
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queries.limits import MEMORY_BYTES_MAX
from raytrail.errors import COULD_NOT_DO_IT

# What DuckDB counts, and as much again for what it does not.
MORE_BYTES_MAX = 2 * MEMORY_BYTES_MAX

_STATUS = Path("/proc/self/status")


@contextmanager
def bounded_memory(more: int = MORE_BYTES_MAX) -> Iterator[None]:
    """Until the block ends, this process gets at most so much memory beside what it has: DuckDB
    reports it as its own limit. Only Linux tells what a process has.
    """
    if not _STATUS.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = _data_bytes() + more
    if soft == resource.RLIM_INFINITY or soft > most:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int:
    [found] = re.findall(r"^VmData:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    return int(found) * 1024


def end_overdue() -> None:
    """End this process, since the statement cannot be ended. The next command removes its spills."""
    sys.stderr.write("raytrail: the statement did not stop at its limit of time; ask for less\n")
    sys.stderr.flush()
    os._exit(COULD_NOT_DO_IT)
