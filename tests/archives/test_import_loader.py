"""During an import its own threads load the bodies, unless a service does."""

import errno
import os
import threading
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pyarrow import fs

from archives import import_loader
from archives.archive import Archive, open_archive
from archives.bucket import BucketOptions
from archives.import_loader import ImportLoader
from archives.import_run import REMOTE_THREADS_PER_CORE, ImportRequest, plan, run
from store.catalog.ledger import walk
from store.errors import DiskFailed
from store.files import durable
from store.loading import claims as loader
from store.store import Store
from tests.archives.test_import_run import archived, expected, rays
from tests.dying import Dying
from tests.factories import gzipped, ndjson, record, send
from tests.raytrail.service.test_loader import Heard
from tests.until import until


@pytest.fixture(autouse=True)
def looks_after_each_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_loader, "LOOK_SECONDS", 0)


def send_some(store: Store, bodies: int) -> None:
    for ray in range(bodies):
        send(store, gzipped(ndjson(record(RayID=f"{ray:016x}"))))


def waiting(store: Store) -> int:
    return store.status().pending.batches


def test_full_groups_are_loaded_during_the_import_and_the_rest_at_its_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "GROUP_BATCHES_MAX", 2)
    beside = ImportLoader(store, Heard())

    with beside.running():
        send_some(store, 5)
        beside.make_room(Event())
        assert waiting(store) == 1

    assert waiting(store) == 0
    assert store.layout.audit.exists()


def test_the_backlog_is_checked_only_after_a_pause(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_loader, "LOOK_SECONDS", 3600)
    monkeypatch.setattr(loader, "GROUP_BATCHES_MAX", 1)
    beside = ImportLoader(store, Heard())

    with beside.running():
        send_some(store, 1)
        beside.make_room(Event())
        send_some(store, 3)
        beside.make_room(Event())
        assert waiting(store) == 2


def test_a_full_disk_is_logged_and_the_bodies_are_loaded_at_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "GROUP_BATCHES_MAX", 1)
    log = Heard()
    beside = ImportLoader(store, log)

    with beside.running():
        send_some(store, 1)
        with monkeypatch.context() as patch:
            full = Dying(1, lambda: OSError(errno.ENOSPC, "No space left on device"), once=True)
            patch.setattr(durable, "os", full)
            beside.make_room(Event())
        assert "loader waits" in log.events
        assert waiting(store) == 1

    assert waiting(store) == 0


@pytest.mark.parametrize("ends", ["loads", "goes away"])
def test_the_import_waits_for_the_loader_of_a_service_while_it_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(import_loader, "WAITING_BYTES_MAX", 0)
    left: list[int] = []
    beside = ImportLoader(store, Heard())

    def make_room_and_count() -> None:
        beside.make_room(Event())
        left.append(waiting(store))

    with ExitStack() as service:
        assert service.enter_context(durable.lock(store.layout.loader_lock))
        with beside.running():
            assert not beside.is_ours
            assert beside.fresh is None
            send_some(store, 1)
            thread = threading.Thread(target=make_room_and_count)
            thread.start()
            if ends == "loads":
                store.loader().load_next()
            else:
                service.close()
            until(lambda: not thread.is_alive(), "went on")

    assert left == ([0] if ends == "loads" else [1])
    assert waiting(store) == 0
    assert beside.is_ours is (ends == "goes away")


def test_a_stopped_import_does_not_wait_for_a_service(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_loader, "WAITING_BYTES_MAX", 0)
    stop = Event()
    beside = ImportLoader(store, Heard())

    with durable.lock(store.layout.loader_lock), beside.running():
        send_some(store, 1)
        thread = threading.Thread(target=beside.make_room, args=[stop], daemon=True)
        thread.start()
        assert thread.is_alive()
        stop.set()
        until(lambda: not thread.is_alive(), "stopped")

    assert waiting(store) == 1


def test_when_one_thread_fails_the_others_start_no_further_file(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archived(tmp_path / "archive", files=60)
    archive = open_archive(str(tmp_path / "archive"), BucketOptions())
    wanted = ImportRequest([archive], None, is_again=False)

    with monkeypatch.context() as patch:
        failing = Dying(150, lambda: OSError(errno.EIO, "Input/output error"), once=True)
        patch.setattr(durable, "os", failing)
        with pytest.raises(DiskFailed):
            run(store, wanted, Heard(), lambda _: None)

    [told] = told_by_imports(store)
    assert 0 < told["read"] < 60 - 1


def test_a_bucket_is_read_by_more_threads_than_a_folder(store: Store, tmp_path: Path) -> None:
    archived(tmp_path / "bucket" / "prefix", files=1)
    near = open_archive(str(tmp_path / "bucket"), BucketOptions())
    far = Archive(
        fs.SubTreeFileSystem(str(tmp_path), fs.LocalFileSystem()), "bucket/prefix", "s3://"
    )

    threads = [
        plan(store, ImportRequest([each], None, is_again=False)).threads for each in (near, far)
    ]

    cores = len(os.sched_getaffinity(0))
    assert threads == [cores, REMOTE_THREADS_PER_CORE * cores]


def test_a_failing_disk_ends_the_run_and_the_ledger_says_how_far_it_got(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "GROUP_BATCHES_MAX", 1)
    archived(tmp_path / "archive", files=60)
    archive = open_archive(str(tmp_path / "archive"), BucketOptions())
    wanted = ImportRequest([archive], None, is_again=False)
    parts = store.layout.parts.rename(tmp_path / "parts")
    # A link to itself can be neither read nor written.
    store.layout.parts.symlink_to(store.layout.parts)

    with pytest.raises(DiskFailed):
        run(store, wanted, Heard(), lambda _: None)

    [told] = told_by_imports(store)
    assert told["is_whole"] is False
    assert 0 < told["read"] < 60

    store.layout.parts.unlink()
    parts.rename(store.layout.parts)
    again = run(store, wanted, Heard(), lambda _: None)
    assert again.is_whole
    assert again.skipped + again.read == 60
    assert rays(store.layout.root) == expected(60)


def told_by_imports(store: Store) -> list[dict[str, Any]]:
    with store.catalog.read() as connection:
        return [dict(entry.payload) for entry in walk(connection) if entry.kind == "import"]
