"""Backups of a service at work, most of them killed: each restores what was acknowledged before."""

import hashlib
import random
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from raytrail.service.log import configure
from store.backup import restore
from store.catalog.tables import batches
from store.files.layout import Layout
from store.fsck import check
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, ndjson, record
from tests.service import Service, environment, post, running
from tests.until import PATIENCE_SECONDS

# So many backups are killed, and as many finish.
KILLS_SHORT, KILLS_LONG = 2, 8
# The share of those that are to be killed, as long as not enough were.
KILLED = 0.6


def started(command: str, *arguments: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "raytrail", command, *map(str, arguments)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(command: str, *arguments: str | Path) -> tuple[int, str]:
    process = started(command, *arguments)
    told, _ = process.communicate(timeout=PATIENCE_SECONDS)
    return process.returncode, told


@contextmanager
def stream(service: Service) -> Iterator[list[str]]:
    """Keep sending batches; yields the ids of those acknowledged so far."""
    acknowledged: list[str] = []
    is_over = threading.Event()

    def send() -> None:
        while not is_over.wait(0.1):
            body = gzipped(ndjson(record(RayID=secrets.token_hex(8))))
            assert post(service, body).status_code == 200
            acknowledged.append(hashlib.sha256(body).hexdigest())

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield acknowledged
    finally:
        is_over.set()
        thread.join()


@pytest.mark.kills
def test_after_killed_backups_a_restore_has_what_the_last_finished_one_held(
    tmp_path: Path, chance: random.Random, is_long: bool
) -> None:
    data, target = tmp_path / "data", tmp_path / "backup"
    kills = KILLS_LONG if is_long else KILLS_SHORT
    killed = whole = 0
    with running(data) as service, stream(service) as acknowledged:
        while not acknowledged:
            time.sleep(0.05)
        held = list(acknowledged)
        usual_seconds = PATIENCE_SECONDS
        while killed < kills or whole < kills:
            # None lets it finish; one that is faster than the last is not killed in time.
            is_killed = whole > 0 and killed < kills and chance.random() < KILLED
            seconds = chance.uniform(0.2, 0.9) * usual_seconds if is_killed else None
            before, began = list(acknowledged), time.monotonic()
            process = started("backup", target, "--data", data)
            try:
                told, _ = process.communicate(timeout=seconds)
                assert process.returncode == 0, told
                held, whole = before, whole + 1
                usual_seconds = time.monotonic() - began
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
            _demand_restorable(target, tmp_path / "new", held)
        status, told = finished("fsck", "--deep", "--data", data)
        assert status == 0, told

    print(f"{killed} killed, {whole} whole, {len(acknowledged)} batches")


def _demand_restorable(target: Path, new: Path, held: list[str]) -> None:
    restore.restore(target, Layout(new), Clock(), SHELL)
    with Store.open(new, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        LiveLoading(store, configure("test"), SHELL).until_drained()
        assert check.check(store, lambda: None, SHELL, is_deep=True).left == ()
        with store.catalog.read() as connection:
            there = connection.scalars(select(batches.c.batch_id)).all()
        assert set(held) <= set(there), "what was acknowledged before the backup is lost"
        assert store.status().datasets["http_requests"].rows == len(there)
    shutil.rmtree(new)
