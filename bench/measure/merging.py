"""What merging takes: a day of parts, then a month, against DuckDB doing the same to the day."""

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from bench import adapter
from bench.history import History, base_bodies
from bench.options import Run
from bench.tables import Goal, Table, mebibytes

COPY_MIN = 2.0
INGEST_MIN = 1.5
SIZE_MAX = 0.9
MEMORY_MAX_MIB = 2048.0
# DuckDB is asked for so many of the days; each costs as much as ours.
DAYS_COMPARED = 3
# How long after its traffic a month is merged.
DAYS_LATER = 40

_COPY = """
    COPY (
        SELECT * FROM read_parquet({paths}, hive_partitioning = false)
        ORDER BY user_id, event_time, line_number
    ) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)
"""


@dataclass(frozen=True, slots=True)
class Merge:
    """One merge; `cpu_seconds` and `bytes` are what it took and what it left."""

    tier: str
    rows: int
    cpu_seconds: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Merging:
    ours: tuple[Merge, ...]
    peers: tuple[Merge, ...]
    peak_bytes: int
    ingest_us_a_row: float

    def us_a_row(self, tier: str) -> float | None:
        found = [each.cpu_seconds / each.rows * 1e6 for each in self.ours if each.tier == tier]
        return median(found) if found else None

    @property
    def peers_us_a_row(self) -> float:
        return median(each.cpu_seconds / each.rows * 1e6 for each in self.peers)

    def bytes_a_row(self, merges: tuple[Merge, ...]) -> float:
        days = [each for each in merges if each.tier == "day"]
        return sum(each.bytes for each in days) / sum(each.rows for each in days)

    def goals(self) -> Iterator[Goal]:
        day = self.us_a_row("day")
        if day is not None:
            yield Goal("a day merged, to DuckDB's COPY", COPY_MIN, self.peers_us_a_row / day)
            yield Goal("a day merged, to our ingest", INGEST_MIN, self.ingest_us_a_row / day)
            size = self.bytes_a_row(self.ours) / self.bytes_a_row(self.peers)
            yield Goal("bytes a row, to DuckDB's COPY", SIZE_MAX, size, at_most=True)
        yield Goal(
            "memory of merging", MEMORY_MAX_MIB, self.peak_bytes / 2**20, at_most=True, unit="MiB"
        )

    def table(self) -> Table:
        shown = [(tier, self.us_a_row(tier)) for tier in ("day", "month")]
        rows = [(f"a {tier}, merged", f"{us:.2f}") for tier, us in shown if us is not None]
        rows += [
            ("a day, DuckDB's COPY … ORDER BY", f"{self.peers_us_a_row:.2f}"),
            ("ingest of the same kind of rows", f"{self.ingest_us_a_row:.2f}"),
        ]
        notes = [f"peak memory of merging: {mebibytes(self.peak_bytes)} MiB"]
        return Table("Merging, one core", ("what", "CPU us a row"), rows, notes)

    def facts(self) -> dict[str, Any]:
        return {
            "day": self.us_a_row("day"),
            "month": self.us_a_row("month"),
            "copy": self.peers_us_a_row,
            "ingest": self.ingest_us_a_row,
            "peak_bytes": self.peak_bytes,
        }


def merging(run: Run, made: History, store: Path) -> Merging:
    """Merge the whole store, day by day, and some of the days by DuckDB as well."""
    run.say("history: merging")
    peers = tuple(
        in_a_process(_copied, store, made.day(place).date().isoformat())[0]
        for place in range(min(DAYS_COMPARED, made.days))
    )
    with started_with(adapter.MERGING_ENVIRONMENT):
        ours, peak = in_a_process(_merged, store)
    ingested, _ = in_a_process(_ingested, store.parent / "ingest")
    return Merging(tuple(ours), peers, peak, ingested)


@contextmanager
def started_with(environment: Mapping[str, str]) -> Iterator[None]:
    """Processes that begin meanwhile have this too, as the compactor of a service has."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def in_a_process(work: Any, *arguments: Any) -> tuple[Any, int]:
    """What it gave, and the most memory its process had."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_with_peak, (work, *arguments))


def _with_peak(work: Any, *arguments: Any) -> tuple[Any, int]:
    found = work(*arguments)
    return found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _merged(store: Path) -> list[Merge]:
    found = []
    with adapter.open_later(store, DAYS_LATER) as opened:
        started = time.process_time()
        for done in adapter.compact(opened):
            took = time.process_time() - started
            size = adapter.bytes_of(opened, done.label)
            found.append(Merge(done.tier, done.rows, took, size))
            started = time.process_time()
    return found


def _copied(store: Path, day: str) -> Merge:
    parts = [str(path) for path in sorted(store.glob(f"parts/*/date={day}/*.parquet"))]
    target = store.parent / "copied.parquet"
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.execute("SET enable_progress_bar = false")
        started = time.process_time()
        connection.execute(_COPY.format(paths=parts, target=target))
        took = time.process_time() - started
        [rows] = connection.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0]  # noqa: S608
    size = target.stat().st_size
    target.unlink()
    return Merge("day", rows, took, size)


def _ingested(folder: Path) -> float:
    """CPU microseconds a row of the loader, over the same kind of rows."""
    with adapter.open_store(folder) as store:
        for body in base_bodies():
            adapter.enter(store, body.path.read_bytes())
        started = time.process_time()
        rows = adapter.load(store, 1)
        return (time.process_time() - started) / rows * 1e6
