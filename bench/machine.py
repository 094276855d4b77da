"""What machine this is, and whether it was left alone while we measured."""

import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import get_context
from pathlib import Path
from statistics import median

SPIN_SECONDS = 0.25
# Two cores that are both free give nearly twice what one gives; below this, somebody was there.
SPIN_GAIN_MIN = 1.7
ONE_CORE = "ONE CORE: the bench cannot see whether other programs used it; trust CPU times alone"

PACKAGES = (
    "raytrail",
    "pyarrow",
    "isal",
    "orjson",
    "duckdb",
    "chdb",
    "chdb-core",
    "polars",
    "datafusion",
)


@dataclass(frozen=True, slots=True)
class Machine:
    processor: str
    cores: int
    system: str
    python: str
    commit: str
    versions: dict[str, str]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def machine() -> Machine:
    return Machine(
        processor=_processor(),
        cores=len(cores()),
        system=platform.platform(),
        python=platform.python_version(),
        commit=_commit(),
        versions={package: _version(package) for package in PACKAGES},
    )


def cores() -> list[int]:
    """The cores this process may use, the last first: interrupts favour the first."""
    return sorted(os.sched_getaffinity(0), reverse=True)


def sees_others() -> bool:
    """Whether the bench would notice that other programs use its cores."""
    return len(cores()) > 1


class Spinner:
    """Asks, between rounds, whether two processes get two cores."""

    def __init__(self) -> None:
        self.gains: list[float] = []
        self._pool = get_context("spawn").Pool(2)

    @property
    def is_disturbed(self) -> bool:
        return self.was_disturbed_since(0)

    def was_disturbed_since(self, look: int) -> bool:
        """Whether most looks from that one on say so; of one core nobody can tell."""
        gains = self.gains[look:]
        return bool(gains) and median(gains) < SPIN_GAIN_MIN

    def look(self) -> None:
        if not sees_others():
            return
        first, second = cores()[0], cores()[-1]
        (alone,) = self._pool.map(_spin, [first], chunksize=1)
        both = self._pool.map(_spin, [first, second], chunksize=1)
        self.gains.append(sum(both) / alone)

    def close(self) -> None:
        self._pool.close()
        self._pool.join()


@contextmanager
def spinner() -> Iterator[Spinner]:
    made = Spinner()
    try:
        yield made
    finally:
        made.close()


def _spin(core: int) -> int:
    os.sched_setaffinity(0, {core})
    end, turns = time.perf_counter() + SPIN_SECONDS, 0
    while time.perf_counter() < end:
        turns += 1
    return turns


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    try:
        found = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False
        )
    except OSError:
        return "unknown"
    return found.stdout.strip() or "unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
