"""Disks that err, fill up or go away, under the receiver's own calls (reliability 5.2)."""

import errno
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store.errors import LayoutRefused
from store.files import durable
from store.files.layout import Layout
from store.intake.draft import Draft, Origin
from store.store import Store
from tests.dying import Dying, dying
from tests.edge import Room, open_room
from tests.faults import checks
from tests.faults.lab import Lab, drafts, drain, entered, numbered, raw_files, ray, rays_found


@pytest.fixture
def store(lab: Lab) -> Iterator[Store]:
    with lab.store() as opened:
        yield opened


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


def failing(number: int, nth: int) -> Dying:
    return Dying(nth, lambda: OSError(number, os.strerror(number)), once=True)


# No room or inodes; read-only; no descriptors; somebody else's. The latter mean the same to us.
PASSING = (
    pytest.param(errno.ENOSPC, id="ENOSPC"),
    pytest.param(errno.EROFS, id="EROFS"),
    pytest.param(errno.EMFILE, id="EMFILE", marks=pytest.mark.slow),
    pytest.param(errno.EACCES, id="EACCES", marks=pytest.mark.slow),
)


@pytest.mark.parametrize("number", PASSING)
def test_d1_d9_d10_d11_d16_any_call_refused_is_503_and_it_goes_on_by_itself(
    room: Room, store: Store, lab: Lab, number: int
) -> None:
    """Each call of one upload in turn says no once; a query is answered all the while."""
    assert room.send(numbered(0)).status_code == 200
    drain(store)
    nth, sent = 0, list[int]()
    while True:
        nth += 1
        assert nth < checks.CALLS_MAX
        with dying(lab.patch, failing(number, nth)) as system:
            answer = room.send(numbered(nth))
        if len(system.calls) < nth:
            break
        lab.injected(1)
        # The last call takes a draft's name away, when the batch is stored and entered.
        assert answer.status_code in {200, 503}
        if answer.status_code == 503:
            assert answer.headers["retry-after"] == "30"
            assert str(lab.folder) not in answer.text
            sent.append(nth)
        assert room.stopped == [], "no reason to stop"
        assert room.send(numbered(nth)).status_code == 200, "and there is room again"
    assert len(sent) > 3
    assert rays_found(store) == {ray(0): 1}
    store.recover()
    assert drafts(store) == []
    drain(store)
    assert rays_found(store) == {ray(n): 1 for n in range(nth + 1)}


def test_d2_a_ledger_that_takes_no_entry_gives_no_receipt(lab: Lab) -> None:
    checks.a_ledger_that_takes_no_entry_gives_no_receipt(lab)


def test_d2_a_full_ledger_is_503_and_what_was_stored_is_entered_by_the_retry(
    room: Room, store: Store, lab: Lab
) -> None:
    room.send(numbered(0))
    with store.catalog.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    statuses, nth = list[int](), 0
    # SQLite rounds up, so the first batches may still find a place.
    while 503 not in statuses:
        nth += 1
        assert nth < 50
        with store.catalog.enter() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        statuses.append(room.send(numbered(nth)).status_code)
    lab.injected(1)
    assert len(raw_files(store)) == nth + 1, "stored"
    assert len(entered(store)) == nth, "and not entered"

    with store.catalog.enter() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")
    assert room.send(numbered(nth)).json()["duplicate"] is False
    assert len(entered(store)) == nth + 1


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_d5_d6_a_failed_disk_is_503_stops_intake_and_leaves_queries(
    room: Room, store: Store, lab: Lab, call: str
) -> None:
    assert room.send(numbered(0)).status_code == 200
    drain(store)
    with dying(lab.patch, Dying(None)) as counted:
        room.send(numbered(1))
    nth = counted.calls.index(call) + 1

    with dying(lab.patch, failing(errno.EIO, nth)) as system:
        answer = room.send(numbered(2))

    assert system.calls[nth - 1] == call
    lab.injected(1)
    assert (answer.status_code, answer.json()) == (503, {"error": "the disk failed"})
    assert room.stopped == [True]
    assert [event for _, event, _ in room.log.lines].count("disk failed") == 1
    assert room.send(numbered(3)).status_code == 503, "nothing more is taken"
    assert rays_found(store) == {ray(0): 1}


def test_d6_d7_a_failed_sync_is_final(lab: Lab) -> None:
    checks.a_failed_sync_is_final(lab)


def test_d12_a_folder_that_is_gone_is_never_made_again_by_an_upload(
    room: Room, store: Store, lab: Lab
) -> None:
    room.send(numbered(0))
    store.layout.root.rename(lab.folder / "away")
    lab.injected(1)

    assert room.send(numbered(1)).status_code == 503
    assert room.client.get("/health").status_code == 503
    assert not store.layout.root.exists()

    (lab.folder / "away").rename(store.layout.root)
    assert room.send(numbered(1)).status_code == 200


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP])
@pytest.mark.parametrize("call", ["link", "fsync", "open", "mkdir"])
def test_d11_d13_d14_a_disk_that_cannot_keep_a_promise_is_refused_at_the_start(
    lab: Lab, number: int, call: str
) -> None:
    class Lacking(Dying):
        def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def refused(*_: Any, **__: Any) -> None:
                lab.injected(1)
                raise OSError(number, os.strerror(number))

            return refused if name == call else super()._watched(name, real)

    with (
        dying(lab.patch, Lacking(None)),
        pytest.raises(LayoutRefused, match="cannot store batches durably"),
    ):
        Layout(lab.folder / "new").make()


def test_d13_a_draft_lies_in_the_folder_of_its_name(store: Store) -> None:
    draft = store.intake().open(Origin("http_requests"), claims_gzip=False)

    assert isinstance(draft, Draft)
    assert draft.path.parent.parent == store.layout.raw
    draft.close()


def test_d15_short_writes_end_up_whole(lab: Lab) -> None:
    checks.short_writes_end_up_whole(lab)


def test_d15_signals_in_the_middle_of_calls_change_nothing(store: Store, lab: Lab) -> None:
    heard, done = list[int](), threading.Event()
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: heard.append(number))
    main = threading.main_thread().ident
    assert main == threading.get_ident()

    def nag() -> None:
        while not done.wait(0.0005):
            signal.pthread_kill(main, signal.SIGUSR1)

    nagging = threading.Thread(target=nag)
    nagging.start()
    try:
        for number in range(40):
            checks.stored(store, number)
    finally:
        done.set()
        nagging.join()
        signal.signal(signal.SIGUSR1, before)

    lab.injected(len(heard))
    assert len(heard) > 10
    assert {path.read_bytes() for path in raw_files(store)} == {numbered(n) for n in range(40)}


def test_d15_nothing_of_a_write_that_fails_half_way_is_believed(store: Store, lab: Lab) -> None:
    class Half(Dying):
        def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
            def half(fd: int, content: bytes) -> int:
                if self.calls.count("write"):
                    raise OSError(errno.ENOSPC, "injected")
                self.calls.append("write")
                return int(real(fd, content[: len(content) // 2]))

            return half if name == "write" else super()._watched(name, real)

    with open_room(store) as room:
        with dying(lab.patch, Half(None)) as system:
            assert room.send(numbered(1)).status_code == 503
        assert "write" in system.calls
        lab.injected(1)
        assert drafts(store) == raw_files(store) == []
        assert room.send(numbered(1)).json()["duplicate"] is False


def test_the_durable_module_is_the_one_that_is_watched(lab: Lab) -> None:
    """A fault test that injects into another module injects nothing, and passes."""
    with dying(lab.patch, Dying(None)) as system:
        durable.sync_folder(Path(lab.folder))
    assert system.calls == ["open", "fsync"]
