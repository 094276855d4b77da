"""Uploads, merges, retention, questions and kills at the same time."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import func, or_, select

from store.catalog.tables import entries, files
from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped, ndjson, record
from tests.service import environment, running
from tests.system.test_system_kills import (
    KINDS,
    Stoppable,
    Uploader,
    beside,
    kill_one,
    kinds_in_turn,
    wait_for_stream,
)
from tests.until import until

# In each round a process of every kind is killed, and then rows are merged and retired.
ROUNDS_SHORT, ROUNDS_LONG = 2, 20
UPLOADERS = 4
CLIENTS = 2
# The service and the clients need the machine as well.
PAUSE_SECONDS = 0.2
KILL_SECONDS = (1.0, 5.0)
# Far more than a round takes on a slow machine: only what never happens is a failure.
ROUND_SECONDS_MAX = 400.0
# One batch in so many is of a day that retention removes.
OLD_EVERY = 5
SETTINGS = {"RAYTRAIL_WORKERS": "2", "RAYTRAIL_RETENTION_HTTP_REQUESTS": "5d"}


@dataclass(eq=False)
class MixedUploader(Uploader):
    """Sends requests of today, and some of last week."""

    sent: int = 0
    old: set[str] = field(default_factory=set)
    # Cleared while retention is planned and run: the number of rows must not change in between.
    may_be_old: threading.Event = field(default_factory=threading.Event)

    def make(self, rays: list[str]) -> bytes:
        time.sleep(PAUSE_SECONDS)
        self.sent += 1
        is_old = self.sent % OLD_EVERY == 0 and self.may_be_old.is_set()
        day = datetime.now(UTC) - timedelta(days=8 if is_old else 0)
        if is_old:
            self.old |= set(rays)
        stamp = f"{day:%Y-%m-%dT%H:%M:%SZ}"
        return gzipped(ndjson(*[record(RayID=ray, EdgeStartTimestamp=stamp) for ray in rays]))


@dataclass(eq=False)
class Client(Stoppable):
    """Counts rows again and again; each count must match one entry of the ledger."""

    data: Path
    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    def has_asked_since(self, asked: int) -> bool:
        return self.asked > asked

    def run(self) -> None:
        while not self.stopping.is_set():
            time.sleep(PAUSE_SECONDS)
            with Store.open(self.data, system_clock) as store:
                snapshot = store.snapshot()
                told = _rows_at(store, snapshot.sequence)
            paths = [str(path) for path in snapshot.files.get("http_requests", ())]
            found = _counted(paths) if paths else 0
            self.asked += 1
            if found != told:
                self.wrong.append(f"entry {snapshot.sequence}: {told} rows expected, {found} found")


def _rows_at(store: Store, sequence: int) -> int:
    """How many rows were live as of an entry, according to the catalog."""
    query = select(func.coalesce(func.sum(files.c.rows), 0)).where(
        files.c.dataset == "http_requests",
        files.c.added_sequence <= sequence,
        or_(files.c.retired_sequence.is_(None), files.c.retired_sequence > sequence),
    )
    with store.catalog.read() as connection:
        return int(connection.execute(query).scalar_one())


def _counted(paths: list[str]) -> int:
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        query = "SELECT count(RayID) FROM read_parquet($paths, union_by_name = true)"
        [row] = connection.execute(query, {"paths": paths}).fetchall()
        return int(row[0])


def _retain(data: Path) -> None:
    """Run the dry run and confirm its count, as a person does; the store may be busy."""
    command = [sys.executable, "-m", "raytrail", "retain", "--data", str(data)]
    trial = _run([*command, "--dry-run", "--json"])
    if trial.returncode == 0:
        _run([*command, f"--yes-remove={json.loads(trial.stdout)['count']}"])


def _run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command, env=environment(**SETTINGS), capture_output=True, text=True, check=False
    )


@pytest.mark.soak
def test_everything_at_once_loses_and_doubles_no_row(
    tmp_path: Path, chance: random.Random, is_long: bool
) -> None:
    rounds = ROUNDS_LONG if is_long else ROUNDS_SHORT
    killed: Counter[str] = Counter()
    may_be_old = threading.Event()
    may_be_old.set()
    with running(tmp_path / "data", **SETTINGS) as service:
        uploaders = [MixedUploader(service, may_be_old=may_be_old) for _ in range(UPLOADERS)]
        clients = [Client(service.data) for _ in range(CLIENTS)]
        with beside([*uploaders, *clients]):
            for _ in range(rounds):
                before, asked_before = _entries(service.data), [each.asked for each in clients]
                for kind in kinds_in_turn(chance):
                    wait_for_stream(uploaders)
                    time.sleep(chance.uniform(*KILL_SECONDS))
                    killed[kill_one(service, chance, kind)] += 1
                deadline = time.monotonic() + ROUND_SECONDS_MAX
                while missing := _missing(service.data, before):
                    assert time.monotonic() < deadline, f"never after the kills: {missing}"
                    wait_for_stream(uploaders)
                    may_be_old.clear()
                    _retain(service.data)
                    may_be_old.set()
                for client, asked in zip(clients, asked_before, strict=True):
                    until(partial(client.has_asked_since, asked), "each client has asked")
        service.wait_until_readable(300)
        assert service.stop() == 0

    acknowledged = {
        ray for each in uploaders for rays in each.acknowledged.values() for ray in rays
    }
    old = {ray for each in uploaders for ray in each.old}
    asked = sum(client.asked for client in clients)
    print(
        f"killed {dict(killed)}, {len(acknowledged):,} rows acknowledged, {asked:,}"
        f" questions, {dict(_entries(service.data))}"
    )
    assert [wrong for client in clients for wrong in client.wrong] == []
    assert killed == dict.fromkeys(KINDS, rounds)
    with Store.open(service.data, system_clock) as store:
        paths = [str(path) for path in store.snapshot().files["http_requests"]]
    with duckdb.connect(":memory:") as connection:
        query = "SELECT RayID, count(*) FROM read_parquet($paths, union_by_name = true) GROUP BY 1"
        found = dict(connection.execute(query, {"paths": paths}).fetchall())
    assert (acknowledged - old) - found.keys() == set(), "an acknowledged record is lost"
    assert set(found.values()) == {1}, "a record is there twice"


def _missing(data: Path, before: Counter[str]) -> list[str]:
    """What has not been entered in the ledger since `before`."""
    entered = _entries(data) - before
    return [kind for kind in ("compacted", "retired") if not entered[kind]]


def _entries(data: Path) -> Counter[str]:
    """How many entries of each kind the ledger has."""
    with Store.open(data, system_clock) as store, store.catalog.read() as connection:
        query = select(entries.c.kind, func.count()).group_by(entries.c.kind)
        return Counter(dict(connection.execute(query).all()))
