"""Random processes of a service are killed: every acknowledged batch is stored exactly once."""

import hashlib
import os
import random
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import httpx2
import pytest

from tests.factories import gzipped, ndjson, record
from tests.injected import Injected
from tests.service import TOKEN, Service, running
from tests.until import until

# In each round a process of every kind is killed.
KINDS = ("supervisor", "receiver", "loader", "compactor")
ROUNDS_SHORT, ROUNDS_LONG = 4, 50
RECORDS_A_BATCH = 20
# The share of kills that hit a service at work; the others hit one that is still starting.
WAITS_FOR_STREAM = 0.7
# A service that needs longer than this to come back does not come back.
RECOVERY_SECONDS_MAX = 180.0


@dataclass(eq=False)
class Stoppable(threading.Thread):
    stopping: threading.Event = field(default_factory=threading.Event, kw_only=True)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)


@dataclass(eq=False)
class Uploader(Stoppable):
    """Sends batch after batch and repeats each until it is acknowledged, as Logpush does."""

    service: Service
    name: str = "uploader"
    acknowledged: dict[str, list[str]] = field(default_factory=dict)
    unsure: int = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            rays = [secrets.token_hex(8) for _ in range(RECORDS_A_BATCH)]
            self._send(rays)

    def make(self, rays: list[str]) -> bytes:
        return gzipped(ndjson(*[record(RayID=ray) for ray in rays]))

    def _send(self, rays: list[str]) -> None:
        body = self.make(rays)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        while not self.stopping.is_set():
            try:
                answer = httpx2.post(
                    f"{self.service.url}/logpush/http_requests",
                    content=body,
                    headers=headers,
                    timeout=30,
                    trust_env=False,
                )
            except httpx2.HTTPError:
                self.unsure += 1
                time.sleep(0.02)
                continue
            assert answer.status_code in {200, 503}, answer.text
            if answer.status_code == 200:
                self.acknowledged[hashlib.sha256(body).hexdigest()] = rays
                return
            time.sleep(0.02)


def kinds_in_turn(chance: random.Random) -> list[str]:
    """Every kind of process once, in a random order."""
    return chance.sample(KINDS, len(KINDS))


def kill_one(service: Service, chance: random.Random, kind: str) -> str:
    """Kill a process of this kind as soon as there is one; restart a dead supervisor."""
    found: list[int] = []

    def is_there() -> bool:
        found[:] = [pid for pid, name in service.pids().items() if name == kind]
        return bool(found)

    until(is_there, f"a {kind} runs")
    os.kill(chance.choice(found), signal.SIGKILL)
    if kind == "supervisor":
        assert service.process is not None
        service.process.wait()
        service.start()
    return kind


@contextmanager
def beside(threads: Sequence[Stoppable]) -> Iterator[None]:
    """Run these threads beside the block, and end them whatever happens in it."""
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        for thread in threads:
            thread.stopping.set()
        for thread in threads:
            thread.join(RECOVERY_SECONDS_MAX)


def wait_for_stream(uploaders: Sequence[Uploader]) -> None:
    """Wait for another acknowledged batch, so that the kill falls into the stream."""
    before = sum(len(each.acknowledged) for each in uploaders)
    until(lambda: sum(len(each.acknowledged) for each in uploaders) > before, "it came back")


@pytest.mark.kills
def test_after_random_kills_every_acknowledged_batch_is_stored_exactly_once(
    tmp_path: Path, injected: Injected, chance: random.Random, is_long: bool
) -> None:
    rounds = ROUNDS_LONG if is_long else ROUNDS_SHORT
    killed: Counter[str] = Counter()
    with running(tmp_path / "data", RAYTRAIL_WORKERS="2") as service:
        uploaders = [Uploader(service) for _ in range(2)]
        with beside(uploaders):
            for kind in (kind for _ in range(rounds) for kind in kinds_in_turn(chance)):
                if chance.random() < WAITS_FOR_STREAM:
                    wait_for_stream(uploaders)
                time.sleep(chance.uniform(0.0, 0.3))
                killed[kill_one(service, chance, kind)] += 1
        service.stop(signal.SIGKILL)
        service.start()
        service.wait_until_readable(300)
        acknowledged = {
            batch: rays for each in uploaders for batch, rays in each.acknowledged.items()
        }
        # The views follow the rows a moment later.
        until(lambda: _expected(acknowledged) <= _shown(service.data).keys(), "all are shown")
        assert service.stop() == 0

    unsure = sum(uploader.unsure for uploader in uploaders)
    print(f"killed {dict(killed)}, {len(acknowledged)} acknowledged, {unsure} unsure")
    injected(killed.total())
    assert killed == dict.fromkeys(KINDS, rounds)
    assert len(acknowledged) > killed.total() / 2, "the stream must have flowed between the kills"
    _demand_exactly_once(service.data, acknowledged)


def _expected(acknowledged: dict[str, list[str]]) -> set[tuple[str, str]]:
    return {(batch, ray) for batch, rays in acknowledged.items() for ray in rays}


def _shown(data: Path) -> dict[tuple[str, str], int]:
    """How often each record is shown; none before the views are first published."""
    with (
        suppress(duckdb.Error),
        duckdb.connect(str(data / "audit.duckdb"), read_only=True) as audit,
    ):
        rows = audit.execute("SELECT batch_id, RayID, count(*) FROM http_requests GROUP BY ALL")
        return {(batch, ray): count for batch, ray, count in rows.fetchall()}
    return {}


def _demand_exactly_once(data: Path, acknowledged: dict[str, list[str]]) -> None:
    found = _shown(data)
    assert _expected(acknowledged) <= found.keys(), "an acknowledged record is lost"
    assert set(found.values()) == {1}, "a record is there twice"
    # A batch that was stored but not acknowledged must be whole as well.
    sizes = Counter(batch for batch, _ in found)
    assert set(sizes.values()) == {RECORDS_A_BATCH}
    assert list((data / "raw").rglob(".draft-*")) == []
    assert not (data / "stray").exists(), "a kill left a file that the catalog does not know"
