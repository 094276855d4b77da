"""How the processes of a service share cores and memory, so that receivers answer while others work.

A receipt waits for the disk three times and for a thread some times, and after each wait it needs a
core. Since Linux 6.6 a thread that has begun a time slice keeps its core to the end of it (some 3
ms, more with a slow timer), whatever its niceness. From Linux 6.12 on, a thread that asks for
shorter slices does not wait for that.
"""

import contextlib
import ctypes
import os
import resource
import sys
from pathlib import Path

# Of the compactor, which may work for hours; the other processes must react within seconds.
NICENESS = 10

# Of a process that merges; set before Arrow is loaded. Its default takes up to 50 % more memory, in
# pages of 2 MiB that are mostly unused.
MERGING_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}

# A merge must fail before the kernel kills a receiver for lack of memory. Twice what the largest
# day took when measured.
MERGING_BYTES_MAX = 4 * 2**30

# The shortest that Linux grants.
SLICE_NANOSECONDS = 100_000

# A thread of Python that comes back from the disk waits for another one to give up the interpreter.
# With the interpreter's own 5 ms, each of the waits of a receipt, and of each statement of a
# transaction whose lock receipts wait for, may take that long.
SWITCH_SECONDS = 0.0005

# The number of the call `sched_setattr`, which the C library does not have everywhere.
_CALLS = {"x86_64": 314, "aarch64": 274, "riscv64": 274}


class _Attributes(ctypes.Structure):
    """`struct sched_attr` of Linux 3.14 and later."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def be_nice() -> None:
    """Leave the cores to receivers and loader while these want them."""
    os.nice(NICENESS)
    # Where Linux first shares the cores out to sessions (sched_autogroup), and each process of a
    # service is one, the niceness of a process means nothing to the others, but that of its session
    # does.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")


def switch_often() -> None:
    """Let the threads of this process take turns at the interpreter more often."""
    sys.setswitchinterval(SWITCH_SECONDS)


def ask_for_short_slices() -> bool:
    """Let this thread, and those that it starts, get a core soon after each wait.

    It takes no larger share of the cores. False where the system refuses; then nothing changes.
    An older Linux accepts it without any effect.
    """
    call = _CALLS.get(os.uname().machine)
    if call is None or os.sched_getscheduler(0) != os.SCHED_OTHER:
        return False
    wanted = _Attributes(
        size=ctypes.sizeof(_Attributes),
        policy=os.SCHED_OTHER,
        nice=os.getpriority(os.PRIO_PROCESS, 0),
        runtime=SLICE_NANOSECONDS,
    )
    refused: int = ctypes.CDLL(None).syscall(call, 0, ctypes.byref(wanted), 0)
    return not refused


def limit_merging() -> None:
    """Limit the memory of this process, which must be the compactor's own."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MERGING_BYTES_MAX, hard))
