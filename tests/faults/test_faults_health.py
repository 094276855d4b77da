"""`/health` is 503 from the first failed write until a probe of the service succeeds."""

import errno
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from receiver.health import page as health_page
from receiver.health import probe
from store.files import durable, reserve
from store.files.notices import Notices
from store.store import Store
from tests.dying import dying
from tests.edge import Room, open_room
from tests.faults import watch_checks
from tests.faults.lab import Lab, numbered
from tests.faults.watch_checks import health, refusing
from tests.hanging import Hanging
from tests.until import until


@pytest.fixture
def store(lab: Lab) -> Iterator[Store]:
    with lab.store() as opened:
        yield opened


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


def test_d9_from_the_first_failed_write_health_is_503_until_the_probe_succeeds(lab: Lab) -> None:
    watch_checks.a_failed_write_is_seen_until_a_probe_succeeds(lab)


def test_d19_lost_bits_are_listed_by_the_scrub(lab: Lab) -> None:
    watch_checks.lost_bits_are_listed(lab)


def test_a_catalog_that_takes_no_commit_is_503_until_the_probe_succeeds(
    room: Room, store: Store, lab: Lab
) -> None:
    with store.catalog.write() as connection:
        connection.exec_driver_sql("ALTER TABLE batches RENAME TO away")
    lab.injected(1)

    assert room.send(numbered(1)).status_code == 503
    assert health(room)[0] == 503

    with store.catalog.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO batches")
    room.probe.once()
    assert health(room) == (200, "ok")


def test_d9_a_service_that_nobody_sends_to_notices_a_disk_that_refuses_writes(
    room: Room, lab: Lab
) -> None:
    with dying(lab.patch, refusing(errno.EROFS)):
        room.probe.once()
        room.probe.once()
        lab.injected(2)

    assert health(room) == (503, "the store cannot be reached")
    assert [event for _, event, _ in room.log.lines] == ["probe failed"], "once, not every 5 s"
    room.probe.once()
    assert health(room) == (200, "ok")


def test_a_probe_that_began_before_a_failure_does_not_end_it(room: Room) -> None:
    receiving = room.upload._receiving
    began = receiving.times_failed
    receiving.failed("no free space on the disk")

    receiving.succeeded(began)

    assert health(room) == (503, "no free space on the disk")


def test_a_catalog_that_another_process_holds_is_busy_and_not_a_failure(
    room: Room, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(store.layout.catalog, isolation_level=None) as holder:
        with store.catalog.write() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 10")
        holder.execute("BEGIN IMMEDIATE")
        room.probe.once()
        busy = room.send(numbered(1))
        holder.execute("ROLLBACK")
    holder.close()

    assert busy.json() == {"error": "the store is busy"}
    assert health(room) == (200, "ok")


def test_one_receiver_that_cannot_store_makes_every_receiver_answer_503(
    store: Store, tmp_path: Path
) -> None:
    told = Notices(tmp_path)
    with open_room(store, told) as one, open_room(store, told) as other:
        one.upload._receiving.failed("no free space on the disk")
        other.probe.once()

        assert health(one) == health(other) == (503, "no free space on the disk")

        one.probe.once()
        assert health(other) == (200, "ok")


def test_d18_a_disk_whose_sync_does_not_return_is_503(room: Room, lab: Lab) -> None:
    system = Hanging("fsync")
    lab.patch.setattr(probe, "DISK_SECONDS_MAX", 0.01)
    lab.patch.setattr(durable, "os", system)
    probing = threading.Thread(target=room.probe.once)
    probing.start()
    until(room.probe.is_hung, "the probe hangs")
    lab.injected(1)

    assert health(room) == (503, "the disk does not answer")

    system.go_on.set()
    probing.join()
    assert health(room) == (200, "ok")


def health_threads() -> int:
    return [each.name for each in threading.enumerate()].count("health")


def test_d18_a_disk_that_does_not_answer_costs_one_thread_however_often_health_is_asked(
    room: Room, lab: Lab
) -> None:
    system = Hanging("statvfs")
    lab.patch.setattr(health_page, "LOOK_SECONDS_MAX", 0.05)
    lab.patch.setattr(reserve, "os", system)
    for _ in range(3):
        assert health(room) == (503, "the disk does not answer")
    lab.injected(3)
    # The call for the facts answers, and its thread ends; that of the disk stays.
    until(lambda: health_threads() == 1, "one thread is left")

    lab.patch.undo()
    system.go_on.set()
    until(lambda: health(room) == (200, "ok"), "it answers again")
