"""A process that loads keeps the memory it freed, and gives it back when it has nothing to load."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

MIB = 2**20
# What a group of batches needs and frees again.
BLOCKS = 60
# One more or less for a page that the interpreter itself needs is nothing.
LEAST_GAIN = 10

OPENED = """
import resource, sys
from datetime import datetime
from pathlib import Path
from store.files.reserve import Reserve
from store.intake.draft import Origin
from store.intake.limits import IntakeLimits
from store.store import Store
limits = IntakeLimits(reserve=Reserve(bytes_min=0, percent_min=0.0))
store = Store.create(Path(sys.argv[1]), lambda: datetime(2026, 11, 22, 10), limits)

def work():
    blocks = [bytearray(2 ** 20) for _ in range(int(sys.argv[2]))]

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()
"""

REPEATED = """
work()
before = faults()
for _ in range(5):
    work()
print(faults() - before)
"""

IDLE = """
loader = store.loader()
body = b'{"RayID":"8f0e1d2c3b4a5968"}'
store.intake().take([body], Origin("http_requests"), claims_gzip=False, declared_bytes=len(body))
assert loader.load_next()
work()
loader.tidy()
kept = resident()
loader.tidy()
print(kept - resident())
"""

needs_glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="another C library"
)


def told(folder: Path, program: str) -> int:
    """What a process prints that has opened a new store."""
    command = [sys.executable, "-c", OPENED + program, str(folder), str(BLOCKS)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


@needs_glibc
def test_a_loader_fetches_the_same_memory_only_once(tmp_path: Path) -> None:
    without = told(tmp_path / "without", REPEATED)

    with_loader = told(tmp_path / "with", f"loader = store.loader()\n{REPEATED}")

    assert with_loader * LEAST_GAIN < without


@needs_glibc
def test_a_loader_gives_memory_back_once_it_has_nothing_to_load(tmp_path: Path) -> None:
    given_back = told(tmp_path / "store", IDLE)

    assert given_back > BLOCKS * MIB / 2
