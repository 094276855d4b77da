"""How long this machine has been running: a count that a change of the wall clock does not move."""

import secrets
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

# Also counts while the machine is suspended. Systems without it count that in their monotonic clock.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Uptime(NamedTuple):
    """Seconds since a boot. Those of two different boots cannot be compared."""

    boot: str
    seconds: float


# Code that needs it takes such a function as a parameter, beside the clock.
ReadUptime = Callable[[], Uptime | None]


def system_uptime() -> Uptime:
    return Uptime(_boot(), time.clock_gettime(_CLOCK))


def no_uptime() -> None:
    """For a clock that is not that of this machine."""


@cache
def _boot() -> str:
    """Without an id of the boot, only readings of this process can be compared."""
    return boot_id() or secrets.token_hex(16)


def boot_id() -> str | None:
    """The id of the boot, the same for every process and container of the machine; None without."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
