"""The real service on loopback: how soon it answers, idle and while its loader is busy."""

import math
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from bench.bodies import Body, bodies, stamped
from bench.engines import BARE
from bench.machine import cores
from bench.measure.latency import p50, p99
from bench.measure.pace import decode_seconds
from bench.options import Run
from bench.pool import work_folder, worker
from bench.service import Service, running
from bench.tables import Findings, Goal, Table, milliseconds
from bench.traffic import Traffic

SMALL_RECORDS = 100
PAUSE_SECONDS = 0.03
WARM_UP_REQUESTS = 10
ACKNOWLEDGE_MAX = 1.5
BUSY_MAX = 3.0
HEALTH_MAX = 0.2
# So much longer than the questions take must the loader have work.
BACKLOG_SPARE = 1.5


@dataclass(frozen=True, slots=True)
class Seen:
    idle: list[float]
    large: list[float]
    bare: list[float]
    busy: list[float]
    health: list[float]
    ran_dry: bool


def receiver(run: Run) -> Findings:
    run.say("receiver: idle, large bodies, a busy loader")
    decode = decode_seconds(run)
    small = bodies(Traffic(), SMALL_RECORDS, 1)[0]
    large = bodies(Traffic(), run.options.large_records, 1)[0]
    with work_folder() as folder, running(folder / "data") as service:
        seen = _ask(run, service, small, large, decode)
    ratio = median(seen.large) / median(seen.bare)
    why = "the loader ran dry" if seen.ran_dry else ""
    busy = None if seen.ran_dry else p99(seen.busy) / p50(seen.idle)
    health = None if seen.ran_dry else p99(seen.health) / decode
    goals = [
        Goal("acknowledging to a bare script", ACKNOWLEDGE_MAX, ratio, at_most=True),
        Goal("p99 under a full loader to idle p50", BUSY_MAX, busy, at_most=True, why=why),
        Goal("/health p99 to a batch's decode", HEALTH_MAX, health, at_most=True, why=why),
    ]
    facts = {"decode_seconds": decode, "acknowledge_ratio": ratio}
    return Findings([_table(run, seen, decode)], goals, facts)


def _ask(run: Run, service: Service, small: Body, large: Body, decode: float) -> Seen:
    """Idle first: once the loader is let go it does not come back."""
    small_body, large_body = small.path.read_bytes(), large.path.read_bytes()
    with service.sender() as sender:
        # The first few find receivers that have not opened everything yet.
        _each(WARM_UP_REQUESTS, lambda: sender.post(_new(small_body)))
        idle = _each(run.options.requests, lambda: sender.post(_new(small_body)))
        acknowledged, bare = [], []
        with worker(BARE, cores()) as script:
            for number in range(run.options.rounds + 1):
                seconds = sender.post(_new(large_body))
                sample = script.round([[large]])
                if number:
                    acknowledged.append(seconds)
                    bare.append(sample.seconds)
        _fill(run, service, large_body, large.records, decode)
        service.release_loader()
        began = time.monotonic()
        with service.sender() as prober, ThreadPoolExecutor() as both:
            posting = both.submit(
                _each, run.options.requests, lambda: sender.post(_new(small_body))
            )
            asking = both.submit(_each, run.options.requests, lambda: prober.health()[0])
            busy, health = posting.result(), asking.result()
        # As long as a large one waits, the lag is longer than the questions took.
        ran_dry = sender.health()[1]["lag_seconds"] < time.monotonic() - began
    return Seen(idle, acknowledged, bare, busy, health, ran_dry)


def _fill(run: Run, service: Service, body: bytes, records: int, decode: float) -> None:
    """Enter enough that the loader is busy for all the questions, even if it only decoded."""
    seconds = run.options.requests * 2 * PAUSE_SECONDS * BACKLOG_SPARE
    wanted = seconds / decode * run.options.records * len(run.two_cores)
    with service.sender() as sender:
        for _ in range(math.ceil(wanted / records)):
            sender.post(_new(body))


def _each(times: int, ask: Callable[[], float]) -> list[float]:
    found = []
    for _ in range(times):
        found.append(ask())
        time.sleep(PAUSE_SECONDS)
    return found


def _new(body: bytes) -> bytes:
    return stamped(body, secrets.token_hex(8))


def _table(run: Run, seen: Seen, decode: float) -> Table:
    def row(name: str, seconds: list[float]) -> tuple[str, ...]:
        shown = (median(seconds), p99(seconds), max(seconds))
        return name, str(len(seconds)), *(milliseconds(each) for each in shown)

    large = f"{run.options.large_records:,} records"
    rows = [
        row(f"{SMALL_RECORDS} records, idle", seen.idle),
        row(f"{SMALL_RECORDS} records, full loader", seen.busy),
        row("/health, full loader", seen.health),
        row(f"{large}, the service", seen.large),
        row(f"{large}, a bare script", seen.bare),
    ]
    notes = [
        f"decoding a batch of {run.options.records:,} takes {milliseconds(decode)} ms",
        *(["the loader ran dry before the questions ended"] if seen.ran_dry else []),
    ]
    return Table("Receiver, ms", ("what", "times", "p50", "p99", "most"), rows, notes)
