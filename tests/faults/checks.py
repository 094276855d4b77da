"""What must hold whatever dies: each check injects its faults and fails on a broken program.

The tests of the matrix run them on the program as it is; test_faults_mutants.py runs them on
programs that are broken on purpose, and each of those must be caught.
"""

import contextlib
import errno
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from schema.body.limits import EnvelopeLimits
from store import timestamps
from store.catalog import ledger, manifest, removals
from store.compaction.compactor import Compactor
from store.errors import DiskFailed, StoreBusy
from store.files import durable
from store.files.layout import draft_path
from store.intake.draft import Draft, Origin
from store.intake.examination import Damaged, Examination, Examined, Unreadable, Whole
from store.intake.outcome import Receipt, Refused
from store.ledger.ledger_files import ledger_files, read_entries
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import gzipped, ndjson, record, send
from tests.faults.lab import (
    DAY,
    Lab,
    demand_parts_whole,
    drafts,
    drain,
    entered,
    numbered,
    raw_files,
    ray,
    rays_found,
)
from tests.power import Loss, Power

Check: TypeAlias = Callable[[Lab], None]

# More calls than any of them makes; a loop that goes on past it would go on for ever.
CALLS_MAX = 60


def a_power_cut_loses_nothing_acknowledged(lab: Lab) -> None:
    """The cut comes at every call and once after the last, with each kind of loss.

    Each body comes on a day of its own, so that its folder is new.
    """
    for loss in Loss:
        n, acknowledged = 0, False
        while not acknowledged:
            n += 1
            with lab.store(loss.value, day=n) as store, dying(lab.patch, Power(n)) as power:
                acknowledged = _is_sent(lab, store, n)
            assert n < CALLS_MAX
            lab.injected(max(1, power.cut(loss)))
            with lab.store(loss.value, day=n) as store:
                assert store.recover().strays == (), f"cut at call {n}, {loss.value} lost"
                # Before the retry, which would mend a loss.
                _demand_raw_of_every_entry(store)
                if acknowledged:
                    assert len(entered(store)) == n, "an acknowledged batch has no entry"
                sent = send(store, numbered(n))
                assert isinstance(sent, Receipt)
                assert sent.is_duplicate or not acknowledged
                assert drafts(store) == []
                bodies = [path.read_bytes() for path in raw_files(store)]
                assert sorted(bodies) == sorted(numbered(number) for number in range(1, n + 1))


def _is_sent(lab: Lab, store: Store, number: int) -> bool:
    try:
        return isinstance(send(store, numbered(number)), Receipt)
    except Killed:
        lab.injected(1)
        return False


def a_power_cut_while_loading_loses_no_row(lab: Lab) -> None:
    for loss in Loss:
        n, died = 0, True
        while died:
            n += 1
            died = False
            with lab.store(loss.value) as store:
                send(store, numbered(n, b"no json\n"))
                with dying(lab.patch, Power(n)) as power:
                    try:
                        drain(store)
                    except Killed:
                        died = True
            assert n < CALLS_MAX
            lab.injected(max(1, power.cut(loss)))
            with lab.store(loss.value) as store:
                drain(store)
                demand_parts_whole(store)
                assert not store.layout.stray.exists(), "unfinished output was taken for a stray"
                told = store.status().datasets["http_requests"]
                assert (told.rows, told.rejected_lines) == (n, n), (n, loss)
        with lab.store(loss.value) as store:
            assert rays_found(store) == {ray(number): 1 for number in range(1, n + 1)}


def copy_ledger(lab: Lab, name: str) -> None:
    """Copy the catalog and `ledger/` of a closed store, as a backup tool may do."""
    data, kept = lab.folder / "data", lab.folder / name
    shutil.copytree(data / "ledger", kept / "ledger")
    shutil.copy(data / "catalog.sqlite", kept)


def put_ledger_back(lab: Lab, name: str) -> None:
    """Replace the catalog and `ledger/` by the copy; neither tells that the other is old."""
    data, kept = lab.folder / "data", lab.folder / name
    shutil.rmtree(data / "ledger")
    shutil.copytree(kept / "ledger", data / "ledger")
    shutil.copy(kept / "catalog.sqlite", data)


def an_earlier_catalog_costs_no_part(lab: Lab) -> None:
    """The catalog and `ledger/` of before the second batch are put back; raw bodies are retired."""
    with lab.store() as store:
        stored(store, 1)
        drain(store)
    copy_ledger(lab, "earlier")
    with lab.store() as store:
        stored(store, 2)
        drain(store)
        held = {path.name: path.read_bytes() for path in store.snapshot().files["http_requests"]}
        for raw in raw_files(store):
            raw.unlink()
    put_ledger_back(lab, "earlier")
    lab.injected(1)
    with lab.store() as store:
        drain(store)
        assert rays_found(store) == {ray(1): 1}
        places = (store.layout.parts, store.layout.stray)
        left = {path.name: path for place in places for path in place.rglob("*.parquet")}
        assert {name: path.read_bytes() for name, path in left.items()} == held


def merge(store: Store) -> None:
    """Merge every part, by hand."""
    swap = store.file_swap()
    with swap.locked():
        for job in Compactor(swap).due_jobs(is_manual=True):
            Compactor(swap).run(job)


def retire(store: Store, part: Path) -> None:
    """Retire a live part and remove it at once."""
    [row] = [
        each
        for each in store.file_swap().live_files()
        if each["path"] == store.layout.relative(part)
    ]
    with store.catalog.write() as connection:
        entry = ledger.append(connection, "compacted", store.clock(), {})
        now = timestamps.to_text(store.clock())
        manifest.retire(connection, [row], [entry.sequence], now, is_at_once=True)
    removals.remove_due(store.layout, store.catalog, store.clock())


def every_verb_makes_its_calls_in_order(lab: Lab) -> None:
    """A kill cannot show a missing sync, since the page cache outlives the process."""
    folder = lab.folder / "verbs"
    folder.mkdir()
    for name in ("source", "draft", "gone"):
        (folder / name).write_bytes(b"x")

    def calls(verb: Callable[[], object]) -> list[str]:
        return calls_of(lab, verb)

    sync_folder = ["open", "fsync"]
    linking = ["link", *sync_folder]
    assert calls(lambda: durable.link(folder / "source", folder / "link")) == linking
    # Who comes second syncs too: the first may not have come so far.
    assert calls(lambda: durable.link(folder / "source", folder / "link")) == linking
    replacing = ["open", "fsync", "replace", *sync_folder]
    assert calls(lambda: durable.replace(folder / "draft", folder / "made")) == replacing
    assert calls(lambda: durable.remove(folder / "gone")) == ["unlink", *sync_folder]
    assert calls(lambda: durable.make_folder(folder / "new")) == ["mkdir", *sync_folder]
    assert calls(lambda: durable.make_folder(folder / "new")) == ["mkdir", *sync_folder]
    deep = ["mkdir", *sync_folder] * 2
    assert calls(lambda: durable.make_folders(folder / "a" / "b")) == deep
    assert calls(lambda: os.close(durable.create_locked(folder / "locked"))) == ["open"]


def a_batch_makes_its_calls_in_order(lab: Lab) -> None:
    """Written, synced, linked, folder synced, entered and committed; only then let go."""
    with lab.store() as store:
        send(store, numbered(1))
        order, real = list[str](), ledger.append

        def appended(*args: Any, **kwargs: Any) -> Any:
            order.append("enter")
            return real(*args, **kwargs)

        watching = Dying(None)
        watching.calls = order
        with lab.patch.context() as patch, dying(lab.patch, watching):
            patch.setattr("store.intake.intake.ledger.append", appended)
            send(store, numbered(2))
    steps = [step for step in order if step not in {"open", "mkdir"}]
    entering = ["enter", "write", "fdatasync"]
    # The first sync is for the name of the day's folder.
    assert steps == ["fsync", "write", "fsync", "link", "fsync", *entering, "unlink"]


def a_retry_before_any_recovery_is_stored_once(lab: Lab) -> None:
    """Another receiver takes the retry; nothing tells it what the dead one left."""
    n, finished = 0, False
    while not finished:
        n += 1
        with lab.store() as store, dying(lab.patch, Dying(n)):
            finished = _is_sent(lab, store, n)
        assert n < CALLS_MAX
        with lab.store() as other:
            was_entered = len(entered(other)) == n
            _demand_raw_of_every_entry(other)
            retried = send(other, numbered(n))
            assert isinstance(retried, Receipt)
            assert retried.is_duplicate == was_entered, f"killed at call {n}"
            assert len(entered(other)) == len(raw_files(other)) == n
    with lab.store() as store:
        store.recover()
        assert drafts(store) == []
        drain(store)
        assert rays_found(store) == {ray(number): 1 for number in range(1, n + 1)}


def _demand_raw_of_every_entry(store: Store) -> None:
    stored = {hashlib.sha256(path.read_bytes()).hexdigest() for path in raw_files(store)}
    assert set(entered(store)) <= stored, "the ledger names what is not stored"


def a_receipt_is_in_the_ledger(lab: Lab) -> None:
    """Asked at once, by another, as after a power cut right behind the 200."""
    with lab.store() as store, lab.store() as other:
        for number in range(1, 4):
            sent = send(store, numbered(number))
            assert isinstance(sent, Receipt)
            assert sent.batch_id in entered(other)


def a_ledger_that_takes_no_entry_gives_no_receipt(lab: Lab) -> None:
    def busy(*_: object) -> None:
        lab.injected(1)
        raise StoreBusy("held")

    with lab.store() as store:
        with lab.patch.context() as patch:
            patch.setattr("store.intake.intake.ledger.append", busy)
            try:
                outcome: object = send(store, numbered(1))
            except StoreBusy:
                outcome = None
        assert not isinstance(outcome, Receipt)
        assert store.recover().batches_entered == 1, "what was stored is entered at the start"
        retried = send(store, numbered(1))
        assert isinstance(retried, Receipt)
        assert retried.is_duplicate


def a_failed_sync_is_final(lab: Lab) -> None:
    """No receipt, no second sync, no retry; the error is the one that ends the process."""
    n, fired = 0, 0
    while n < CALLS_MAX:
        n += 1
        system = Dying(n, lambda: OSError(errno.EIO, "injected"), once=True)
        with lab.store() as store, dying(lab.patch, system):
            try:
                sent: object = send(store, numbered(n))
            except DiskFailed:
                sent = None
            except Exception as error:
                raise AssertionError(f"call {n} failed and was told as {error!r}") from error
        if len(system.calls) < n:
            break
        if system.calls[n - 1] in {"fsync", "fdatasync"}:
            fired += 1
            assert not isinstance(sent, Receipt), f"a receipt after sync {n} failed"
            assert not {"fsync", "fdatasync"} & set(system.calls[n:]), (
                "synced again after a failed sync"
            )
            assert "link" not in system.calls[n:], "linked what was not synced"
        with lab.store() as store:
            store.recover()
            assert isinstance(send(store, numbered(n)), Receipt)
            assert len(entered(store)) == len(raw_files(store)) == n
    assert fired == 4, "day's folder, draft, folder after the link, ledger"
    lab.injected(fired)


class Short(Dying):
    """A system that writes seven bytes at most, however many it is given."""

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        watched = super()._watched(name, real)
        return (lambda fd, content: watched(fd, content[:7])) if name == "write" else watched


def short_writes_end_up_whole(lab: Lab) -> None:
    with lab.store() as store:
        with dying(lab.patch, Short(None)) as system:
            send(store, numbered(1))
        lab.injected(system.calls.count("write"))
        [raw] = raw_files(store)
        assert raw.read_bytes() == numbered(1)
        assert system.calls.count("write") > len(numbered(1)) // 7


def what_dead_processes_left_is_swept_and_entered(lab: Lab) -> None:
    with lab.store() as store:
        folder = store.layout.raw / DAY
        folder.mkdir()
        draft = Draft(
            folder, Origin("http_requests"), EnvelopeLimits(), body_bytes_max=999, claims_gzip=False
        )
        draft.feed(numbered(1)[:10])
        os.close(draft._fd)  # as a dead process does
        lab.injected(1)
        wrong = folder / f"{'a' * 64}.gz"
        wrong.write_bytes(numbered(2))
        os.link(wrong, draft_path(folder, "http_requests"))
        found = store.recover()
        assert drafts(store) == []
        assert entered(store) == [], "bytes that are not those of their name were entered"
        assert found.strays == (f"raw/{DAY}/{wrong.name}",)


def bodies_that_nobody_received_are_moved_away(lab: Lab) -> None:
    """A process that received one keeps the name of its draft until the entry is durable."""
    with lab.store() as store:
        folder = store.layout.raw / DAY
        folder.mkdir()
        name = f"raw/{DAY}/{hashlib.sha256(numbered(1)).hexdigest()}.gz"
        (store.layout.root / name).write_bytes(numbered(1))
        lab.injected(1)
        assert store.recover().strays == (name,)
        assert store.recover().strays == ()
        assert entered(store) == []


def what_was_stored_keeps_its_dataset(lab: Lab) -> None:
    """Its keys tell nothing; only the draft's name knows what the URL said."""

    def busy(*_: object) -> None:
        lab.injected(1)
        raise StoreBusy("held")

    with lab.store() as store:
        with lab.patch.context() as patch, contextlib.suppress(StoreBusy):
            patch.setattr("store.intake.intake.ledger.append", busy)
            send(store, gzipped(b'{"keys":"tell nothing"}\n'), "access_requests")
        assert store.recover().batches_entered == 1
        assert list(store.status().datasets) == ["access_requests"]


def damage_of_any_bit_is_noticed(lab: Lab) -> None:
    """Refused, or the very same lines: some bits of a gzip stream mean nothing."""
    plain = ndjson(record())
    whole, content = gzipped(plain), examined(gzipped(plain)).content
    assert isinstance(examined(whole).condition, Whole)
    noticed = 0
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        found = examined(bytes(flipped))
        is_noticed = isinstance(found.condition, Damaged)
        assert is_noticed or found.content == content, f"bit {bit} changed the lines"
        noticed += is_noticed
    for length in range(len(whole)):
        assert isinstance(examined(whole[:length]).condition, Damaged) or not length, length
    for tail in (b"\0", b"garbage", b"\x1f\x8b", b"\x1f"):
        assert isinstance(examined(whole + tail).condition, Damaged), tail
    assert noticed > len(whole) * 8 * 0.8
    lab.injected(len(whole) * 9)


def every_member_is_read(lab: Lab) -> None:
    lines = [ndjson(record(RayID=ray(number))) for number in range(3)]
    together = examined(b"".join(map(gzipped, lines)))
    assert together.content == examined(gzipped(b"".join(lines))).content
    too_many = examined(gzipped(b"{}\n") * 1_001)
    assert isinstance(too_many.condition, Unreadable)
    lab.injected(2)


def examined(body: bytes, cut: int = 1 << 20) -> Examined:
    """What the store thinks of a body that comes in pieces of `cut` bytes."""
    examination = Examination(EnvelopeLimits(), claims_gzip=True)
    for start in range(0, len(body), cut):
        examination.feed(body[start : start + cut])
    return examination.result()


def damaged_bodies_leave_nothing(lab: Lab) -> None:
    with lab.store() as store:
        assert isinstance(send(store, numbered(1)[:-1]), Refused)
        assert raw_files(store) == []
        assert entered(store) == []
        lab.injected(1)


def calls_of(lab: Lab, step: Callable[[], object]) -> list[str]:
    """The durable calls that a step makes, in order."""
    with dying(lab.patch, Dying(None)) as system:
        step()
    return system.calls


def stored(store: Store, number: int) -> Receipt:
    sent = send(store, numbered(number))
    assert isinstance(sent, Receipt)
    return sent


def a_kill_at_any_call_leaves_a_ledger_to_complete(lab: Lab) -> None:
    n, lived = 0, False
    while not lived:
        n += 1
        assert n < CALLS_MAX * 2
        with lab.store() as store, dying(lab.patch, Dying(n)):
            try:
                send(store, numbered(n))
                drain(store)
                lived = True
            except Killed:
                lab.injected(1)
        with lab.store() as store:
            store.recover()
            drain(store)
            with store.catalog.read() as connection:
                assert list(read_entries(store.layout)) == list(ledger.walk(connection))
    with lab.store() as store:
        found = rays_found(store)
        assert found[ray(n)] == 1
        assert set(found.values()) == {1}


def a_power_cut_loses_no_line_of_a_receipt(lab: Lab) -> None:
    for loss in Loss:
        n, acknowledged = 0, False
        while not acknowledged:
            n += 1
            assert n < CALLS_MAX
            with lab.store(loss.value, day=n) as store:
                # Compared before the cut, as a service does it at its start.
                store.catalog.demand_agreement()
                with dying(lab.patch, Power(n)) as power:
                    acknowledged = _is_sent(lab, store, n)
                lab.injected(max(1, power.cut(loss)))
                lines = [entry.sequence for entry in read_entries(store.layout)]
            if acknowledged:
                assert len(lines) == n, "the line of an acknowledged batch is lost"
            with lab.store(loss.value, day=n) as store:
                store.recover()
                assert isinstance(send(store, numbered(n)), Receipt)
                with store.catalog.read() as connection:
                    assert list(read_entries(store.layout)) == list(ledger.walk(connection))


def a_failed_sync_of_the_ledger_gives_no_receipt(lab: Lab) -> None:
    with lab.store() as store:
        stored(store, 1)
        written = ledger_files(store.layout)[-1].stat().st_ino
        calls = calls_of(lab, lambda: stored(store, 2))
        n = calls.index("fdatasync") + 1
        system = Dying(n, lambda: OSError(errno.EIO, "injected"), once=True)
        sent: object = None
        with dying(lab.patch, system), contextlib.suppress(DiskFailed):
            sent = send(store, numbered(3))
        assert not isinstance(sent, Receipt), "a receipt after a sync failed"
        lab.injected(1)
    with lab.store() as store:
        retried = stored(store, 3)
        assert retried.is_duplicate
        [path] = ledger_files(store.layout)
        assert path.stat().st_ino != written, "bytes that a sync lost are taken for synced"
        with store.catalog.read() as connection:
            assert list(read_entries(store.layout)) == list(ledger.walk(connection))
