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
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import func, or_, select

from store.catalog.tables import entries, files
from store.store import Store
from store.timestamps import system_clock
from tests.factories import gzipped, ndjson, record
from tests.service import Service, environment
from tests.system.test_system_kills import Uploader, kill_one, wait_for_stream

SECONDS_SHORT, SECONDS_LONG = 75.0, 600.0
UPLOADERS = 4
CLIENTS = 4
KILL_SECONDS = (3.0, 12.0)
RETAIN_SECONDS = 20.0
# Enough to load what was sent. The compactor is between two jobs then, more often than not.
SETTLE_SECONDS = 4.0
# One batch in so many is of a day that retention removes.
OLD_EVERY = 5
SETTINGS = {"RAYTRAIL_WORKERS": "2", "RAYTRAIL_RETENTION_HTTP_REQUESTS": "5d"}


@dataclass
class MixedUploader(Uploader):
    """Sends requests of today, and some of last week."""

    sent: int = 0
    old: set[str] = field(default_factory=set)
    # Cleared while retention is planned and run: the number of rows must not change in between.
    may_be_old: threading.Event = field(default_factory=threading.Event)

    __hash__ = Uploader.__hash__

    def make(self, rays: list[str]) -> bytes:
        self.sent += 1
        is_old = self.sent % OLD_EVERY == 0 and self.may_be_old.is_set()
        day = datetime.now(UTC) - timedelta(days=8 if is_old else 0)
        if is_old:
            self.old |= set(rays)
        stamp = f"{day:%Y-%m-%dT%H:%M:%SZ}"
        return gzipped(ndjson(*[record(RayID=ray, EdgeStartTimestamp=stamp) for ray in rays]))


@dataclass
class Client(threading.Thread):
    """Counts rows again and again; each count must match one entry of the ledger."""

    data: Path
    asked: int = 0
    wrong: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.stopping.is_set():
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


def _retain(data: Path) -> int:
    """Run the dry run and confirm its count, as a person does; how many rows were removed."""
    command = [sys.executable, "-m", "raytrail", "retain", "--data", str(data)]
    trial = subprocess.run(
        [*command, "--dry-run", "--json"],
        env=environment(**SETTINGS),
        capture_output=True,
        text=True,
        check=False,
    )
    if trial.returncode:
        return 0
    count = int(json.loads(trial.stdout)["count"])
    done = subprocess.run(
        [*command, f"--yes-remove={count}"],
        env=environment(**SETTINGS),
        capture_output=True,
        text=True,
        check=False,
    )
    return count if done.returncode == 0 else 0


@pytest.mark.soak
def test_everything_at_once_loses_and_doubles_no_row(
    tmp_path: Path, chance: random.Random, is_long: bool
) -> None:
    seconds = SECONDS_LONG if is_long else SECONDS_SHORT
    service = Service(tmp_path / "data", settings=SETTINGS)
    service.start()
    may_be_old = threading.Event()
    may_be_old.set()
    uploaders = [MixedUploader(service, may_be_old=may_be_old) for _ in range(UPLOADERS)]
    clients = [Client(service.data) for _ in range(CLIENTS)]
    everybody: list[MixedUploader | Client] = [*uploaders, *clients]
    for thread in everybody:
        thread.start()
    wait_for_stream(uploaders)

    killed: Counter[str] = Counter()
    went, retained_at = 0, time.monotonic()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        time.sleep(chance.uniform(*KILL_SECONDS))
        killed[kill_one(service, chance)] += 1
        if time.monotonic() - retained_at > RETAIN_SECONDS:
            may_be_old.clear()
            time.sleep(SETTLE_SECONDS)
            went, retained_at = went + _retain(service.data), time.monotonic()
            may_be_old.set()
    for thread in everybody:
        thread.stopping.set()
        thread.join(120)
    service.wait_until_readable(300)
    assert service.stop() == 0

    acknowledged = {
        ray for each in uploaders for rays in each.acknowledged.values() for ray in rays
    }
    old = {ray for each in uploaders for ray in each.old}
    asked = sum(client.asked for client in clients)
    merges = _merges(service.data)
    print(
        f"killed {dict(killed)}, {len(acknowledged):,} rows acknowledged, {asked:,}"
        f" questions, {merges} merges, {went:,} rows retired"
    )
    assert [wrong for client in clients for wrong in client.wrong] == []
    assert asked > seconds / 10
    assert merges > 0
    assert went > 0
    with Store.open(service.data, system_clock) as store:
        paths = [str(path) for path in store.snapshot().files["http_requests"]]
    with duckdb.connect(":memory:") as connection:
        query = "SELECT RayID, count(*) FROM read_parquet($paths, union_by_name = true) GROUP BY 1"
        found = dict(connection.execute(query, {"paths": paths}).fetchall())
    assert (acknowledged - old) - found.keys() == set(), "an acknowledged record is lost"
    assert set(found.values()) == {1}, "a record is there twice"


def _merges(data: Path) -> int:
    with Store.open(data, system_clock) as store, store.catalog.read() as connection:
        query = select(func.count()).where(entries.c.kind == "compacted")
        return int(connection.execute(query).scalar_one())
