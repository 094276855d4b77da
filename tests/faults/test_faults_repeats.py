"""The same batch again, from many sides at once, in any order (reliability 5.6)."""

import gzip
import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from store.intake.limits import IntakeLimits
from store.intake.outcome import Outcome, Receipt
from store.store import Store
from tests.dying import Dying, dying
from tests.factories import NO_RESERVE, Clock, gzipped, ndjson, record, send
from tests.faults import checks, line_checks
from tests.faults.lab import Lab, drain, entered, numbered, raw_files, ray, rays_found
from tests.injected import Injected
from tests.until import PATIENCE_SECONDS, until


def at_once(jobs: list[Callable[[], object]]) -> None:
    """Begin all jobs at the same moment and wait for the last."""
    barrier = threading.Barrier(len(jobs))

    def begin(job: Callable[[], object]) -> None:
        barrier.wait()
        job()

    threads = [threading.Thread(target=begin, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_r3_the_same_body_by_two_receivers_at_once_is_stored_once(lab: Lab) -> None:
    outcomes: list[Outcome] = []
    with lab.store() as one, lab.store() as two:
        for number in range(5):
            jobs = [
                lambda store=store, number=number: outcomes.append(send(store, numbered(number)))
                for store in (one, two, one, two)
            ]
            at_once(jobs)  # type: ignore[arg-type]
        lab.injected(5)
        receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
        assert len(receipts) == 20
        assert sum(not each.is_duplicate for each in receipts) == 5
        assert len(entered(one)) == len(raw_files(two)) == 5
        drain(two)
        assert rays_found(one) == {ray(number): 1 for number in range(5)}


def test_r3_the_loser_of_the_race_synced_too_before_its_answer(lab: Lab) -> None:
    """The winner may die before its sync; the loser's 200 must be as good."""
    with lab.store() as store:
        checks.stored(store, 0)
        [raw] = raw_files(store)
        won = raw.with_name(f"{checks.examined(numbered(1)).sha256}.gz")
        won.write_bytes(numbered(1))
        with dying(lab.patch, Dying(None)) as system:
            checks.stored(store, 1)

    lab.injected(1)
    steps = [call for call in system.calls if call != "open"]
    assert steps[steps.index("link") + 1] == "fsync"


def test_r5_of_overlapping_batches_both_are_kept(store: Store) -> None:
    shared = [record(RayID=ray(number)) for number in range(4)]
    send(store, gzipped(ndjson(*shared[:3])))
    send(store, gzipped(ndjson(*shared[1:])))
    drain(store)

    assert len(entered(store)) == 2
    assert rays_found(store) == {ray(0): 1, ray(1): 2, ray(2): 2, ray(3): 1}


def test_r11_lines_without_an_id_are_all_requests_before_and_after_compaction(lab: Lab) -> None:
    line_checks.lines_without_an_id_all_stay(lab)


def test_r12_records_under_a_misspelt_name_are_told_of_and_moved(lab: Lab) -> None:
    line_checks.misdirected_lines_are_told_of_and_move_once(lab)


def test_r7_batches_that_come_hours_late_keep_their_own_order(store: Store, clock: Clock) -> None:
    for number in (3, 1, 2):
        clock.move(hours=5)
        time_of_event = f"2026-11-2{number}T00:00:00Z"
        send(store, gzipped(ndjson(record(RayID=ray(number), EdgeStartTimestamp=time_of_event))))
    drain(store)

    assert len(entered(store)) == 3
    folders = sorted(path.name for path in (store.layout.parts / "http_requests").iterdir())
    assert folders == [f"date=2026-11-2{number}" for number in (1, 2, 3)]
    assert store.status().datasets["http_requests"].rows == 3


def append_until_killed(root: str, first: int) -> None:
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.open(Path(root), Clock(), limits) as store:
        for number in range(first, first + 100_000):
            send(store, numbered(number))


def hold_the_ledger(root: str, holding: "multiprocessing.synchronize.Event") -> None:
    with sqlite3.connect(Path(root) / "catalog.sqlite", isolation_level=None) as catalog:
        catalog.execute("BEGIN IMMEDIATE")
        holding.set()
        time.sleep(2 * PATIENCE_SECONDS)


@pytest.mark.slow
def test_r9_a_process_that_dies_with_the_ledgers_lock_leaves_it_to_the_others(lab: Lab) -> None:
    spawn = multiprocessing.get_context("spawn")
    with lab.store() as store:
        holding = spawn.Event()
        holder = spawn.Process(target=hold_the_ledger, args=(str(store.layout.root), holding))
        holder.start()
        assert holding.wait(PATIENCE_SECONDS)
        outcomes: list[Outcome] = []
        waiting = threading.Thread(target=lambda: outcomes.append(send(store, numbered(1))))
        waiting.start()
        time.sleep(0.3)
        assert outcomes == [], "the lock must have been held"

        assert holder.pid is not None
        os.kill(holder.pid, signal.SIGKILL)
        waiting.join(PATIENCE_SECONDS)
        holder.join()

        lab.injected(1)
        assert isinstance(outcomes[0], Receipt)
        assert len(entered(store)) == 1


@pytest.mark.slow
def test_r9_appenders_killed_under_load_leave_one_chain(lab: Lab) -> None:
    spawn = multiprocessing.get_context("spawn")
    with lab.store() as store:
        root = str(store.layout.root)
        appenders = [
            spawn.Process(target=append_until_killed, args=(root, first * 100_000))
            for first in range(1, 3)
        ]
        for appender in appenders:
            appender.start()
        until(lambda: senders(store) == {1, 2} and len(entered(store)) >= 20, "at work")
        for appender in appenders:
            assert appender.pid is not None
            os.kill(appender.pid, signal.SIGKILL)
            appender.join()
        lab.injected(len(appenders))

        store.recover()
        assert sorted(entered(store)) == [path.stem for path in raw_files(store)]
        drain(store)
        found = rays_found(store)
        assert set(found.values()) == {1}
        assert len(found) == len(entered(store))


def senders(store: Store) -> set[int]:
    """Who sent what is stored, told by the number in each body."""
    bodies = (gzip.decompress(raw.read_bytes()) for raw in raw_files(store))
    return {int(json.loads(plain)["RayID"], 16) // 100_000 for plain in bodies}


def test_r1_r2_a_retry_of_everything_changes_nothing(store: Store, injected: Injected) -> None:
    for _ in range(3):
        for number in range(5):
            checks.stored(store, number)
        drain(store)

    injected(10)
    assert len(entered(store)) == len(raw_files(store)) == 5
    assert rays_found(store) == {ray(number): 1 for number in range(5)}
