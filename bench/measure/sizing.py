"""What a day of requests takes on disk and in memory: a real service, then its files merged.

The records come in batches as small as Logpush makes them at this rate: one every 30 seconds.
"""

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import adapter
from bench.bodies import HERE
from bench.measure.merging import DAYS_LATER, in_a_process, started_with
from bench.options import Run
from bench.pool import work_folder
from bench.service import Service, running
from bench.tables import Findings, Table, mebibytes
from bench.traffic import GZIP_LEVEL, START, Traffic, plain

# The default of `max_upload_interval_seconds` in a job that `raytrail setup` makes.
UPLOAD_SECONDS = 30
BATCHES_A_DAY = 24 * 3600 // UPLOAD_SECONDS
# A smaller day has fewer batches, not smaller ones than this.
RECORDS_MIN = 100
# More than a thousand times real time, and slow enough that the loader keeps up.
BATCHES_A_SECOND = 40
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """One process of the service, at its end."""

    kind: str
    peak_bytes: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Size:
    """What one kind of file takes; `files` says how many there are."""

    what: str
    bytes: int
    rows: int
    files: int

    def cells(self) -> tuple[str, str, str, str]:
        a_row = f"{self.bytes / self.rows:,.1f}"
        return self.what, f"{self.files:,}", f"{self.bytes / 1e6:,.1f}", a_row


def sizing(run: Run) -> Findings:
    count = max(min(BATCHES_A_DAY, run.options.rows_a_day // RECORDS_MIN), 1)
    a_batch = run.options.rows_a_day // count
    rows = a_batch * count
    run.say(f"sizing: {count:,} batches of {a_batch:,} records")
    day = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    with work_folder() as folder:
        lone = _lone_part(folder / "lone", a_batch)
        data = folder / "data"
        with running(data) as service:
            service.release_loader()
            sent_bytes = _post(service, day, count, a_batch)
            service.drain()
            processes = list(_processes(data))
        sizes = [
            lone,
            _size("raw bodies", data, "raw/*/*.gz", rows),
            _size("catalog.sqlite", data, "catalog.sqlite*", rows),
            _live("parts of the loader, not merged yet", data, rows),
        ]
        run.say("sizing: merging the day, then its month")
        processes.append(_compact(data))
        sizes.append(_live("day files", data, rows))
        with started_with(adapter.MERGING_ENVIRONMENT):
            later = (datetime.fromisoformat(day) - START.replace(tzinfo=None)).days + DAYS_LATER
            _, peak = in_a_process(_merge_month, data, later)
        processes.append(Process("merging the month", peak, 0.0))
        sizes.append(_live("month files", data, rows))
    return Findings(_tables(rows, sent_bytes, sizes, processes), facts=_facts(sizes, processes))


def _tables(rows: int, sent_bytes: int, sizes: list[Size], found: list[Process]) -> list[Table]:
    notes = [f"{sent_bytes / rows:,.0f} bytes a record before gzip"]
    return [
        Table(
            f"Disk, {rows:,} records of one day",
            ("what", "files", "MB", "bytes a row"),
            [each.cells() for each in sizes],
            notes,
        ),
        Table(
            "Memory and CPU",
            ("process", "peak, MiB", "CPU seconds"),
            [(each.kind, mebibytes(each.peak_bytes), f"{each.cpu_seconds:,.1f}") for each in found],
        ),
    ]


def _facts(sizes: list[Size], processes: list[Process]) -> dict[str, Any]:
    return {
        "bytes": {each.what: each.bytes for each in sizes},
        "peaks": {each.kind: each.peak_bytes for each in processes},
    }


def _post(service: Service, day: str, count: int, records: int) -> int:
    """Send every batch at a steady pace; the bytes of all records before gzip."""
    inflated = 0
    started = time.perf_counter()
    with service.sender() as sender:
        for number in range(count):
            lines = plain(Traffic(), number, records).replace(
                f"{START:%Y-%m-%d}T".encode(), f"{day}T".encode()
            )
            inflated += len(lines)
            sender.post(gzip.compress(lines, GZIP_LEVEL, mtime=0))
            due = started + (number + 1) / BATCHES_A_SECOND
            time.sleep(max(due - time.perf_counter(), 0))
    return inflated


def _lone_part(folder: Path, records: int) -> Size:
    """A part of one batch, as the loader makes it when batches come one at a time."""
    with adapter.open_store(folder) as store:
        adapter.enter(store, gzip.compress(plain(Traffic(), 0, records), GZIP_LEVEL, mtime=0))
        rows = adapter.load(store, 1)
        (part,) = adapter.parts(store)
        return Size("a part of one batch", part.stat().st_size, rows, 1)


def _size(what: str, data: Path, pattern: str, rows: int) -> Size:
    found = [path.stat().st_size for path in data.glob(pattern)]
    return Size(what, sum(found), rows, len(found))


def _live(what: str, data: Path, rows: int) -> Size:
    with adapter.open_store(data) as store:
        found = [path.stat().st_size for path in adapter.parts(store)]
    return Size(what, sum(found), rows, len(found))


def _processes(data: Path) -> Iterator[Process]:
    """The supervisor and its children, found by the folder they were started with."""
    for place in sorted(Path("/proc").glob("[0-9]*"), key=lambda each: int(each.name)):
        try:
            words = (place / "cmdline").read_bytes().split(b"\0")
            if os.fsencode(data) not in words:
                continue
            status = (place / "status").read_text(encoding="utf-8")
            # The fields after the program's name, which may hold blanks and brackets.
            fields = (place / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        kind = words[words.index(b"--data") - 1].decode()
        user, system = int(fields[11]), int(fields[12])
        yield Process(kind, int(peak.split()[1]) * 1024, (user + system) / CLOCK_TICKS)


def _compact(data: Path) -> Process:
    """`raytrail compact`, the command that a person runs."""
    command = [sys.executable, "-m", "raytrail", "compact", "--data", str(data)]
    process = subprocess.Popen(
        command,
        cwd=HERE.parent,
        env={**adapter.MERGING_ENVIRONMENT, **os.environ, "RAYTRAIL_RESERVE_PERCENT": "0"},
        stdout=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Process("raytrail compact", used.ru_maxrss * 1024, used.ru_utime + used.ru_stime)


def _merge_month(data: Path, days: int) -> None:
    with adapter.open_later(data, days) as store:
        for _ in adapter.compact(store):
            pass
