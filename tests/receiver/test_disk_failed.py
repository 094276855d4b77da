"""After a failed sync uploads are refused at once, and uploads keep no other work waiting."""

import errno
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from receiver.health.receiving import notice_of
from receiver.upload_slots import UPLOADS_MAX
from store.files import durable
from store.files.notices import SUFFIX, Notices
from store.store import Store
from tests.edge import TOKENS, Room, open_room
from tests.factories import Body
from tests.hanging import Hanging
from tests.until import until


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


class FailingDisk:
    """Its first sync fails, and its first removal after that does not return until it may."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.has_failed = self.is_hanging = False

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, fd: int) -> None:
        if not self.has_failed:
            self.has_failed = True
            raise OSError(errno.EIO, "Input/output error")
        os.fsync(fd)

    def unlink(self, path: Path) -> None:
        if self.has_failed and not self.is_hanging:
            self.is_hanging = True
            self.go_on.wait()
        path.unlink()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingDisk]:
    failing = FailingDisk()
    yield failing
    failing.go_on.set()


def test_after_a_failed_sync_an_upload_is_refused_while_the_failed_one_still_cleans_up(
    room: Room, body: Body, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.send(body())  # makes the day's folder
    monkeypatch.setattr(durable, "os", disk)
    with ThreadPoolExecutor() as senders:
        failed = senders.submit(room.send, body({"RayID": "1"}))
        until(lambda: disk.is_hanging, "the failed upload removes its draft")

        later = room.send(body({"RayID": "2"}))
        health = room.client.get("/health")
        disk.go_on.set()

    assert (later.status_code, later.json()) == (503, {"error": "the disk failed"})
    assert (health.status_code, health.json()["status"]) == (503, "the disk failed")
    assert failed.result().json() == {"error": "the disk failed"}


class SecondSyncFails:
    """The first sync waits until it may go on, and then succeeds; the second fails meanwhile."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.syncs = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def fsync(self, fd: int) -> None:
        self.syncs += 1
        if self.syncs == 2:
            raise OSError(errno.EIO, "Input/output error")
        if self.syncs == 1:
            self.go_on.wait()
        os.fsync(fd)


def test_an_upload_that_was_under_way_when_the_sync_of_another_failed_gets_no_200(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux may report a lost write to one of them only."""
    room.send(body())
    disk = SecondSyncFails()
    monkeypatch.setattr(durable, "os", disk)
    with ThreadPoolExecutor() as senders:
        under_way = senders.submit(room.send, body({"RayID": "1"}))
        try:
            until(lambda: disk.syncs == 1, "the first upload syncs")
            failed = room.send(body({"RayID": "2"}))
        finally:
            disk.go_on.set()

    answer = under_way.result()
    assert failed.status_code == 503
    assert (answer.status_code, answer.json()) == (503, {"error": "the disk failed"})


def test_a_failed_sync_stops_the_process_even_if_the_draft_cannot_be_removed(
    room: Room, body: Body, disk: FailingDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    room.send(body())
    monkeypatch.setattr(disk, "unlink", refuse)
    monkeypatch.setattr(durable, "os", disk)

    answer = room.send(body({"RayID": "1"}))

    assert (answer.status_code, answer.json()) == (503, {"error": "the disk failed"})
    assert room.stopped == [True]
    [reason] = [facts["reason"] for _, event, facts in room.log.lines if event == "disk failed"]
    assert "syncing" in str(reason)


def test_after_a_failed_sync_the_process_stops_even_if_its_notice_cannot_be_written(
    store: Store,
    body: Body,
    disk: FailingDisk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # Nobody writes to this pipe, so whoever opens the notice waits.
    notice = tmp_path / f"{notice_of(os.getpid())}{SUFFIX}"
    with open_room(store, Notices(tmp_path)) as room, ThreadPoolExecutor() as senders:
        room.send(body())
        os.mkfifo(notice)
        monkeypatch.setattr(durable, "os", disk)
        disk.go_on.set()
        failed = senders.submit(room.send, body({"RayID": "1"}))
        try:
            until(lambda: room.stopped, "the process stops")
            assert not failed.done()
        finally:
            with notice.open("w"):
                notice.unlink()

    assert failed.result().json() == {"error": "the disk failed"}
    assert notice.read_text() == "the disk failed"


def test_uploads_that_all_wait_for_the_disk_keep_no_other_request_waiting(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.send(body())
    system = Hanging("fsync")
    monkeypatch.setattr(durable, "os", system)
    with ThreadPoolExecutor(UPLOADS_MAX + 1) as senders:
        sent = [
            senders.submit(room.send, body({"RayID": f"{number:x}"}), TOKENS[number % 2])
            for number in range(UPLOADS_MAX)
        ]
        try:
            until(lambda: system.waiting == UPLOADS_MAX, "every upload waits for the disk")
            metrics = senders.submit(room.client.get, "/metrics")
            until(metrics.done, "other requests are answered")
        finally:
            system.go_on.set()

    assert metrics.result().status_code == 200
    assert {each.result().status_code for each in sent} == {200}
