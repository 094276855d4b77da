"""Importing an archive, against loading and merging the same bodies lying in raw.

Both are the commands that a person runs, each a process of its own, so both pay for starting.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.bodies import HERE, Body, bodies, stamped
from bench.options import Run
from bench.pool import work_folder
from bench.rounds import WrongAnswer
from bench.tables import Findings, Goal, Table, thousands
from bench.traffic import Traffic
from store.files.reserve import Reserve
from store.intake.draft import Origin
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.store import Store
from store.timestamps import system_clock

RATIO_MAX = 1.1
DATASET = "http_requests"
# So many different bodies; the others are these with a line more, which makes them new ones.
DIFFERENT_BODIES = 20
# The archive, one store's raw files and parts, and room to spare.
DISK_BYTES_A_RECORD = 600
LIMITS = IntakeLimits(reserve=Reserve(bytes_min=0, percent_min=0.0))


@dataclass(frozen=True, slots=True)
class Timed:
    """One command, or two after each other, over the whole archive."""

    seconds: float
    rows: int


def importing(run: Run) -> Findings:
    records, size = run.options.import_records, run.options.records
    count = max(records // size, 1)
    run.say(f"importing: {count:,} x {size:,} records, {run.options.rounds} rounds")
    name = f"import to loading and merging, {count * size:,} records"
    with work_folder() as folder:
        if shutil.disk_usage(folder).free < records * DISK_BYTES_A_RECORD:
            why = f"needs {records * DISK_BYTES_A_RECORD / 1e9:.0f} GB of disk"
            return Findings(goals=[Goal(name, RATIO_MAX, None, at_most=True, why=why)])
        archive = _archive(folder, bodies(Traffic(), size, min(count, DIFFERENT_BODIES)), count)
        loads, imports = [], []
        for _ in range(run.options.rounds):
            alone = _load(folder / "loaded", archive)
            taken = _import(folder / "imported", archive)
            if alone.rows != taken.rows:
                raise WrongAnswer(f"loaded {alone.rows:,} rows, imported {taken.rows:,}")
            loads.append(alone.seconds)
            imports.append(taken.seconds)
    ratios = [taken / alone for taken, alone in zip(imports, loads, strict=True)]
    rows = [
        ("load and compact", f"{median(loads):.2f}", thousands(count * size / median(loads))),
        ("import", f"{median(imports):.2f}", thousands(count * size / median(imports))),
        ("ratio, of each round", f"{median(ratios):.3f}", ""),
    ]
    table = Table(f"Importing {count * size:,} records", ("what", "seconds", "krec/s"), rows)
    goal = Goal(name, RATIO_MAX, median(ratios), at_most=True)
    facts = {"load_seconds": loads, "import_seconds": imports, "ratios": ratios}
    return Findings([table], [goal], facts)


def _archive(folder: Path, different: Sequence[Body], count: int) -> Path:
    """Bodies as Logpush names them, each of other bytes than all others."""
    archive = folder / "archive" / DATASET / "20261120"
    archive.mkdir(parents=True)
    for number in range(count):
        body = different[number % len(different)].path.read_bytes()
        target = archive / f"20261120T{number:06d}Z_{number:08x}.log.gz"
        target.write_bytes(stamped(body, f"{number:016x}"))
    return archive.parent.parent


def _load(data: Path, archive: Path) -> Timed:
    """Until all of it is loaded and merged; it lies in raw before the clock runs."""
    with Store.create(data, system_clock, LIMITS) as store:
        intake = store.intake()
        for path in sorted(archive.rglob("*.gz")):
            taken = intake.take([path.read_bytes()], Origin(DATASET), claims_gzip=True)
            if not isinstance(taken, Receipt):
                raise WrongAnswer(f"{path.name} was not taken")
    return _timed(data, archive, ("load",), ("compact",))


def _import(data: Path, archive: Path) -> Timed:
    return _timed(data, archive, ("import", str(archive), "--new"))


def _timed(data: Path, archive: Path, *commands: tuple[str, ...]) -> Timed:
    settings = {"RAYTRAIL_RESERVE_PERCENT": "0", "RAYTRAIL_RESERVE_BYTES": "0"}
    started = time.perf_counter()
    for command in commands:
        subprocess.run(
            [sys.executable, "-m", "raytrail", *command, "--data", str(data)],
            cwd=HERE.parent,
            env={**os.environ, **settings},
            check=True,
            capture_output=True,
        )
    seconds = time.perf_counter() - started
    with Store.open(data, system_clock) as store:
        found = store.status()
    if found.pending.batches or found.batches != len(list(archive.rglob("*.gz"))):
        raise WrongAnswer(f"{commands[0][0]} left something out: {found}")
    shutil.rmtree(data)
    return Timed(seconds, found.datasets[DATASET].rows)
