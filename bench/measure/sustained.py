"""Batches at nine tenths of what the loader can take, for a while: does it keep up?

What it can take is what it takes while as much is received: both want the same cores.
"""

import math
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.bodies import Body, bodies, stamped
from bench.measure.pace import decode_seconds
from bench.options import Run
from bench.pool import work_folder
from bench.service import Sender, Service, running
from bench.tables import Findings, Goal, Table, thousands
from bench.traffic import Traffic

SHARE = 0.9
LAG_SECONDS_MAX = 10.0
# What the loader's rate is guessed over, roughly; it decodes and more, so it takes longer.
GUESS_SECONDS = 6.0
GUESS_BATCHES_MIN, GUESS_BATCHES_MAX = 4, 250
# Fed at the guess for this share of the whole run, so long that merging is under way too.
RATE_SHARE, RATE_SECONDS_MAX = 0.1, 60.0
LOOK_SECONDS = 0.5
# Raw files of our own throwaway store go this long after they came, if they are loaded.
RAW_KEPT_SECONDS = 60.0
# Parquet, raw files not yet gone, and room to spare.
DISK_BYTES_A_RECORD = 150


@dataclass(slots=True)
class Feeding:
    """One sender that keeps to its timetable; what it sent, and how late it was at most."""

    port: int
    sent: list[Body]
    batch_seconds: float
    stop: threading.Event = field(default_factory=threading.Event)
    batches: int = 0
    behind_seconds: float = 0.0

    def run(self) -> None:
        contents = [body.path.read_bytes() for body in self.sent]
        started = time.perf_counter()
        with Sender(self.port) as sender:
            while not self.stop.is_set():
                due = started + self.batches * self.batch_seconds
                late = time.perf_counter() - due
                if late < 0:
                    self.stop.wait(-late)
                self.behind_seconds = max(self.behind_seconds, late)
                sender.post(_new(contents[self.batches % len(contents)]))
                self.batches += 1


def sustained(run: Run) -> Findings:
    run.say(f"sustained: {run.options.minutes:g} minutes at {SHARE:.0%} of the loader's rate")
    seconds = run.options.minutes * 60
    sent = bodies(Traffic(), run.options.records, run.options.batches_a_round)
    decode = decode_seconds(run)
    with work_folder() as folder, running(folder / "data") as service:
        rate = _rate(run, service, sent, _guess(run, service, sent, decode))
        needed = rate * SHARE * seconds * DISK_BYTES_A_RECORD
        if shutil.disk_usage(folder).free < needed:
            why = f"needs {needed / 1e9:.0f} GB of disk"
            return Findings(goals=[Goal("lag", LAG_SECONDS_MAX, None, at_most=True, why=why)])
        feeding = Feeding(service.port, sent, run.options.records / (rate * SHARE))
        lags = _watch(service, feeding, seconds, folder / "data" / "raw")
        drained = service.drain()
    rows = [
        ("loader's rate, krec/s", thousands(rate)),
        ("fed, krec/s", thousands(feeding.batches * run.options.records / seconds)),
        ("batches", f"{feeding.batches:,}"),
        ("sender behind its timetable, s at most", f"{feeding.behind_seconds:.2f}"),
        ("lag, s: most", f"{max(lags):.2f}"),
        ("lag, s: at the end", f"{lags[-1]:.2f}"),
        ("drained after, s", f"{drained:.2f}"),
    ]
    title = f"Sustained, {run.options.minutes:g} minutes"
    goal = Goal(
        f"lag, fed for {run.options.minutes:g} min",
        LAG_SECONDS_MAX,
        max(lags),
        at_most=True,
        unit="s",
    )
    return Findings([Table(title, ("what", ""), rows)], [goal], {"rate": rate, "lags": lags})


def _guess(run: Run, service: Service, sent: list[Body], decode: float) -> float:
    """Records a second, over batches that all wait when the loader begins."""
    wanted = math.ceil(GUESS_SECONDS / decode)
    count = max(GUESS_BATCHES_MIN, min(wanted, GUESS_BATCHES_MAX))
    with service.sender() as sender:
        for number in range(count):
            sender.post(_new(sent[number % len(sent)].path.read_bytes()))
    service.release_loader()
    return count * run.options.records / service.drain()


def _rate(run: Run, service: Service, sent: list[Body], guess: float) -> float:
    """Records a second that are loaded while they come at the rate that was guessed."""
    records = run.options.records
    seconds = min(RATE_SECONDS_MAX, run.options.minutes * 60 * RATE_SHARE)
    feeding = Feeding(service.port, sent, records / guess)
    feeder = threading.Thread(target=feeding.run)
    started = time.perf_counter()
    feeder.start()
    time.sleep(seconds)
    feeding.stop.set()
    feeder.join()
    took = time.perf_counter() - started
    with service.sender() as sender:
        waiting = int(sender.health()[1]["pending_batches"])
    service.drain()
    loaded = feeding.batches - waiting
    # Where it was over before anything was loaded, as in a smoke test, the guess must do.
    return loaded * records / took if loaded > 0 else guess


def _watch(service: Service, feeding: Feeding, seconds: float, raw: Path) -> list[float]:
    """The lag as /health tells it, twice a second; raw files are let go so that the disk lasts."""
    lags = []
    feeder = threading.Thread(target=feeding.run)
    feeder.start()
    try:
        end = time.monotonic() + seconds
        with service.sender() as sender:
            while time.monotonic() < end and feeder.is_alive():
                lags.append(float(sender.health()[1]["lag_seconds"]))
                _let_go(raw, time.time() - RAW_KEPT_SECONDS - lags[-1])
                time.sleep(LOOK_SECONDS)
    finally:
        feeding.stop.set()
        feeder.join()
    return lags


def _let_go(raw: Path, before: float) -> None:
    for file in raw.rglob("*.gz"):
        if file.stat().st_mtime < before:
            file.unlink()


def _new(body: bytes) -> bytes:
    return stamped(body, secrets.token_hex(8))
