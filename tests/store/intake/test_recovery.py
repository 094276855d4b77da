"""Recovery after a killed process: it can be repeated and interrupted at any call."""

import errno
import fcntl
import gzip
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.catalog import ledger
from store.catalog.tables import batches
from store.errors import DiskFailed, NoRoom, StoreBusy
from store.files import durable, stray
from store.files.layout import Layout, draft_path
from store.intake import recovery
from store.intake.draft import Origin
from store.intake.outcome import Receipt
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import Body, gzipped, ndjson, record, send
from tests.injected import Injected


def batch_count(store: Store) -> int:
    with store.catalog.read() as connection:
        assert all(entry.is_sound() for entry in ledger.walk(connection))
        return len(connection.execute(select(batches)).all())


def drafts(store: Store) -> list[str]:
    return [path.name for path in store.layout.raw.rglob(".draft-*")]


@pytest.mark.deaths
def test_a_batch_killed_at_any_call_is_stored_once_after_recovery_and_retry(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch, injected: Injected
) -> None:
    n = 0
    finished = False
    while not finished:
        n += 1
        sent = body(record(RayID=f"{n:016x}"))
        with dying(monkeypatch, Dying(n)) as system:
            try:
                send(store, sent, cut=64)
                finished = len(system.calls) < n
            except Killed:
                pass
        before = batch_count(store)

        store.recover()

        assert drafts(store) == []
        assert batch_count(store) in {before, before + 1}
        retried = send(store, sent)
        assert isinstance(retried, Receipt)
        assert batch_count(store) == n, f"killed at call {n}"
        raw = list(store.layout.raw.rglob("*.gz"))
        assert len(raw) == n
    assert n > 10, "the loop must have killed the process at every step"
    injected(n - 1)


def test_recovery_enters_a_stored_body_under_the_dataset_its_sender_named(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The keys of the records match no dataset; only the draft's name has the one from the URL."""
    sent = gzipped(b'{"a":1}\n')
    with dying(monkeypatch, Dying(None)) as counted:
        send(store, gzipped(b'{"a":2}\n'), "access_requests")
    linked = counted.calls.index("link") + 1
    with dying(monkeypatch, Dying(linked + 1)), pytest.raises(Killed):
        send(store, sent, "access_requests")
    assert len(drafts(store)) == 1

    recovered = store.recover()

    assert recovered.batches_entered == 1
    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.dataset)).all() == ["access_requests"] * 2


@pytest.mark.deaths
def test_recovery_killed_at_any_call_succeeds_when_run_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, injected: Injected
) -> None:
    n = 0
    died = True
    while died:
        n += 1
        sent = gzipped(ndjson(record(RayID=f"{n:016x}")))
        folder = store.layout.raw / "2026-11-22"
        folder.mkdir(exist_ok=True)
        _leave_stored(store, sent)
        (draft_path(folder, "http_requests")).write_bytes(b"half a bo")
        died = False
        with dying(monkeypatch, Dying(n)):
            try:
                store.recover()
            except Killed:
                died = True

        store.recover()
        store.recover()

        assert drafts(store) == []
        assert batch_count(store) == n
    assert n > 3
    injected(n - 1)


def _leave_stored(store: Store, sent: bytes) -> None:
    """Leave a body as a process does that dies after the link and before the ledger entry."""
    intake = store.intake()
    draft = intake.open(Origin("http_requests"), claims_gzip=False)
    draft.feed(sent)
    examined = draft.examined()
    os.link(draft.path, draft.path.parent / f"{examined.sha256}.gz")
    os.close(draft._fd)


def test_recovery_leaves_a_draft_of_a_living_process_alone(store: Store, body: Body) -> None:
    intake = store.intake()
    draft = intake.open(Origin("http_requests"), claims_gzip=False)
    draft.feed(body())

    recovered = store.recover()

    assert (recovered.drafts_swept, recovered.batches_entered) == (0, 0)
    assert isinstance(intake.settle(draft), Receipt)
    draft.close()
    assert batch_count(store) == 1


def test_a_body_that_was_put_into_raw_by_hand_is_moved_to_stray_and_never_entered(
    store: Store, body: Body
) -> None:
    sent = send(store, body(record(RayID="0" * 16)))
    assert isinstance(sent, Receipt)
    folder = store.layout.raw / "2026-11-22"
    foreign = body(record(RayID="1" * 16))
    name = f"raw/2026-11-22/{hashlib.sha256(foreign).hexdigest()}.gz"
    wrong = folder / f"{'a' * 64}.gz"
    (store.layout.root / name).write_bytes(foreign)
    wrong.write_bytes(b"{}\n")

    recovered = store.recover()

    assert set(recovered.strays) == {name, f"raw/2026-11-22/{wrong.name}"}
    assert recovered.batches_entered == 0
    assert batch_count(store) == 1
    assert {file.original for file in stray.found(store.layout)} == set(recovered.strays)
    assert store.recover().strays == ()


def test_a_body_that_nobody_sent_stays_where_it_is_while_the_disk_takes_no_folder(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = body()
    path = store.layout.raw / "2026-11-22" / f"{hashlib.sha256(foreign).hexdigest()}.gz"
    path.parent.mkdir()
    path.write_bytes(foreign)

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", full_disk)
        assert store.recover() == recovery.Recovered(0, 0, ())

    assert path.read_bytes() == foreign
    assert store.recover().strays == (store.layout.relative(path),)


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_body_of_the_ledger_is_brought_back_from_stray(store: Store, body: Body) -> None:
    """An old catalog did not know it, and the right one is back."""
    send(store, body())
    [raw] = store.layout.raw.rglob("*.gz")
    stray.move(store.layout, [raw], store.clock())

    store.recover()

    assert raw.exists()
    assert list(stray.found(store.layout)) == []


def test_no_body_is_moved_before_the_catalog_was_compared_with_the_ledger(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut its entry may be in `ledger/` only, and a full disk stops the comparison."""
    foreign = body()
    folder = store.layout.raw / "2026-11-22"
    folder.mkdir()
    (folder / f"{hashlib.sha256(foreign).hexdigest()}.gz").write_bytes(foreign)

    def full(*_: object) -> None:
        raise NoRoom("full")

    with monkeypatch.context() as patch:
        patch.setattr("store.catalog.agreement.agreement.comparison.agree", full)
        with Store.open(store.layout.root, store.clock) as opened:
            assert opened.recover().strays == ()
    assert len(store.recover().strays) == 1


def test_an_entry_that_recovery_makes_says_so(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, body(record(RayID="1" * 16)))
    with dying(monkeypatch, Dying(None)) as counted:
        send(store, body(record(RayID="2" * 16)))
    linked = counted.calls.index("link") + 1
    with dying(monkeypatch, Dying(linked + 1)), pytest.raises(Killed):
        send(store, body(record(RayID="3" * 16)))

    store.recover()

    with store.catalog.read() as connection:
        told = [entry.payload for entry in ledger.walk(connection) if entry.kind == "batch"]
        rows = connection.scalars(select(batches.c.recovered).order_by(batches.c.sequence)).all()
    assert [each.get("recovered") for each in told] == [None, None, True]
    assert rows == [False, False, True]
    assert store.snapshot().recovered == {told[2]["batch_id"]}


def test_drafts_that_a_full_disk_left_are_finished_by_the_process_that_left_them(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake, sent = store.intake(), body()

    def full(*_: object) -> None:
        raise NoRoom("full")

    with monkeypatch.context() as patch:
        patch.setattr("store.intake.intake.ledger.append", full)
        with pytest.raises(NoRoom):
            intake.take([sent], Origin("http_requests"), claims_gzip=False)
        assert len(drafts(store)) == 1
        with pytest.raises(NoRoom):
            recovery.finish_left(intake, store.limits.envelope)

    assert recovery.finish_left(intake, store.limits.envelope) == 1
    assert recovery.finish_left(intake, store.limits.envelope) == 0
    assert drafts(store) == []
    assert batch_count(store) == 1


def test_a_damaged_body_is_not_entered_if_its_quarantine_was_interrupted(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = body()[:-2]
    with dying(monkeypatch, Dying(None)) as counted:
        send(store, body(record(RayID="2" * 16))[:-2])
    linked = counted.calls.index("link") + 1
    with dying(monkeypatch, Dying(linked + 1)), pytest.raises(Killed):
        send(store, damaged)

    recovered = store.recover()

    assert recovered.batches_entered == 0
    assert drafts(store) == []
    assert batch_count(store) == 0


def test_the_durable_steps_of_an_upload_happen_in_the_promised_order(
    store: Store, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Draft written and synced, linked, folder synced; then entered; then the draft is removed.

    A test that kills the process cannot find a missing sync, because the page cache survives.
    """
    send(store, body(record(RayID="3" * 16)))  # the day's folder exists from now on
    order: list[str] = []
    real_append = ledger.append

    def appended(*args: Any, **kwargs: Any) -> Any:
        order.append("enter")
        return real_append(*args, **kwargs)

    watching = Dying(None)
    watching.calls = order
    monkeypatch.setattr("store.intake.intake.ledger.append", appended)
    with dying(monkeypatch, watching):
        send(store, body())

    steps = [step for step in order if step not in {"open", "mkdir"}]
    # The line in `ledger/` is written before the commit, and synced while it is under way.
    entering = ["enter", "write", "fdatasync"]
    # The first sync is of the name of the day's folder, once for each process and day.
    assert steps == ["fsync", "write", "fsync", "link", "fsync", *entering, "unlink"]


@pytest.mark.deaths
@pytest.mark.parametrize(
    ("number", "expected"), [(28, NoRoom), (5, DiskFailed), (24, NoRoom), (122, NoRoom)]
)
def test_a_disk_error_at_any_call_gives_no_receipt(
    store: Store,
    body: Body,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    expected: type[Exception],
) -> None:
    n = 0
    fired = True
    while fired:
        n += 1
        sent = body(record(RayID=f"{n:016x}"))
        fired = False
        with dying(monkeypatch, Dying(n, lambda: OSError(number, os.strerror(number)), once=True)):
            try:
                send(store, sent)
            except expected:
                fired = True
        store.recover()
        assert isinstance(send(store, sent), Receipt)
        assert batch_count(store) == n
        assert drafts(store) == []
    assert n > 6


def test_a_draft_waits_for_a_sweeper_that_holds_it_and_is_created_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovery may find a draft between its creation and its lock."""
    real, holders = fcntl.flock, list[int]()

    def sweeper_first(fd: int, how: int) -> None:
        if not holders:
            [draft] = store.layout.raw.rglob(".draft-*")
            holder = os.open(draft, os.O_RDONLY)
            holders.append(holder)
            real(holder, fcntl.LOCK_EX)
            draft.unlink()
            threading.Timer(0.2, os.close, [holder]).start()
        real(fd, how)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", sweeper_first)
        outcome = send(store, b'{"RayID":"1"}\n')

    assert isinstance(outcome, Receipt)
    assert batch_count(store) == 1


def test_recovery_does_not_disturb_running_receivers(store: Store) -> None:
    problems: list[Exception] = []
    working = threading.Event()

    def upload(share: int) -> None:
        try:
            for number in range(40):
                line = ndjson(record(RayID=f"{share:08x}{number // 2:08x}"))
                # Every second body has the same lines compressed differently: a duplicate to remove.
                send(store, gzip.compress(line, compresslevel=1 + number % 2 * 8, mtime=number))
        except Exception as error:  # noqa: BLE001 (raised by the test, not in a thread)
            problems.append(error)
        finally:
            working.set()

    uploaders = [threading.Thread(target=upload, args=(share,)) for share in range(4)]
    for uploader in uploaders:
        uploader.start()
    recovered = 0
    while any(uploader.is_alive() for uploader in uploaders):
        assert store.recover().strays == ()
        recovered += 1
    for uploader in uploaders:
        uploader.join()

    assert problems == []
    assert recovered > 1
    assert batch_count(store) == 80
    assert drafts(store) == []


def test_a_body_that_could_not_be_entered_is_recovered_with_its_dataset(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = gzipped(b'{"keys":"tell nothing"}\n')

    def busy(*_: object) -> None:
        raise StoreBusy("held")

    with monkeypatch.context() as patch:
        patch.setattr("store.intake.intake.ledger.append", busy)
        with pytest.raises(StoreBusy):
            send(store, sent, "access_requests")
    assert len(drafts(store)) == 1

    assert store.recover().batches_entered == 1
    again = send(store, sent, "access_requests")
    assert isinstance(again, Receipt)
    assert again.is_duplicate
    assert batch_count(store) == 1
    assert drafts(store) == []


def test_each_process_syncs_the_name_of_the_days_folder(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have made the folder and died before it synced the folder's name."""
    (store.layout.raw / "2026-11-22").mkdir()
    synced: list[str] = []
    real = durable.sync_folder

    def noting(folder: Path) -> None:
        synced.append(folder.name)
        real(folder)

    monkeypatch.setattr(durable, "sync_folder", noting)

    send(store, b'{"RayID":"1"}\n')

    assert synced == ["raw", "2026-11-22"]


def test_the_names_of_a_new_store_and_its_parents_are_synced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = durable.sync_folder

    def noting(folder: Path) -> None:
        synced.append(folder.name)
        real(folder)

    monkeypatch.setattr(durable, "sync_folder", noting)

    Layout(tmp_path / "new" / "deep" / "data").make()

    assert synced[:3] == [tmp_path.name, "new", "deep"]
    assert synced.count("data") >= 3


def test_leftovers_of_the_check_for_links_are_swept(store: Store) -> None:
    (store.layout.raw / ".draft-00-probe").write_bytes(b"")

    assert store.recover().drafts_swept == 1


def test_recovery_ignores_a_raw_file_that_its_receiver_removes_meanwhile(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.layout.raw / "2026-11-22"
    folder.mkdir()
    gone = folder / f"{'b' * 64}.gz"
    monkeypatch.setattr(recovery, "unnamed", lambda *_: [gone])

    assert store.recover() == recovery.Recovered(0, 0, ())
