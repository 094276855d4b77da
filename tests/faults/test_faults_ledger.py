"""The catalog and `ledger/` part: by a kill, a power cut, a broken disk, or a person."""

import gzip
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from store.catalog.agreement.agreement import Agreement
from store.catalog.tables import facts
from store.errors import (
    CatalogBehind,
    CatalogDamaged,
    CatalogMissing,
    LedgerContradicts,
    LedgerMissing,
)
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.ledger.ledger_files import ledger_files, read_entries
from store.ledger.writer import LedgerWriter
from store.reading import live_files
from store.reading.snapshot import Snapshot
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, Clock, send
from tests.faults import checks
from tests.faults.lab import Lab, drain, entered, entries, numbered, ray, rays_found

PAGE_BYTES = 4096


def created(lab: Lab, name: str = "data") -> Store:
    return Store.create(lab.folder / name, Clock(), IntakeLimits(reserve=NO_RESERVE))


def demand_level(store: Store) -> None:
    assert list(read_entries(store.layout)) == entries(store)


def newest(layout: Layout) -> Path:
    return ledger_files(layout)[-1]


def used(lab: Lab, batches: int = 3) -> Layout:
    """A store with loaded batches, closed."""
    with lab.store() as store:
        for number in range(batches):
            checks.stored(store, number)
        drain(store)
        demand_level(store)
    return store.layout


def tree(folder: Path) -> dict[str, bytes]:
    """Every file that a start may not change."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.parts[len(folder.parts)] in {"raw", "parts", "ledger"}
    }


def test_e1_a_kill_at_any_call_leaves_a_ledger_that_the_next_start_completes(lab: Lab) -> None:
    checks.a_kill_at_any_call_leaves_a_ledger_to_complete(lab)


def test_e2_a_power_cut_at_any_call_loses_no_line_of_a_receipt(lab: Lab) -> None:
    checks.a_power_cut_loses_no_line_of_a_receipt(lab)


def killed_before_the_commit(lab: Lab, store: Store, number: int) -> None:
    real = LedgerWriter.append

    def appended(self: LedgerWriter, entries: Any) -> None:
        real(self, entries)
        raise Killed

    with lab.patch.context() as patch:
        patch.setattr(LedgerWriter, "append", appended)
        with pytest.raises(Killed):
            send(store, numbered(number))
    lab.injected(1)


def test_e3_a_line_whose_commit_a_crash_prevented_is_entered_once(lab: Lab) -> None:
    with lab.store() as store:
        checks.stored(store, 1)
        killed_before_the_commit(lab, store, 2)
        assert len(entered(store)) == 1
    with lab.store() as store:
        retried = send(store, numbered(2))

        assert isinstance(retried, Receipt)
        assert retried.is_duplicate
        store.recover()
        demand_level(store)
        drain(store)
        assert rays_found(store) == {ray(1): 1, ray(2): 1}


def test_e3_a_line_whose_writer_died_is_replaced_by_the_next_receipt(lab: Lab) -> None:
    with lab.store() as store, lab.store() as other:
        checks.stored(other, 1)
        killed_before_the_commit(lab, store, 2)
        checks.stored(other, 3)

        demand_level(other)
        assert other.recover().batches_entered == 1
        demand_level(other)
        assert len(entered(other)) == 3


@pytest.mark.parametrize("is_opened_anew", [False, True])
def test_e3_a_line_whose_writer_died_is_replaced_by_an_act(
    lab: Lab, *, is_opened_anew: bool
) -> None:
    """A loader or retention commits under the number that the dead receiver had."""
    with lab.store() as store, lab.store() as other:
        checks.stored(other, 1)
        killed_before_the_commit(lab, store, 2)
        if is_opened_anew:
            # Committed, and killed before its line was written.
            lab.patch.setattr(Agreement, "complete", lambda *_: None)
        drain(other)
        lab.patch.undo()
    with lab.store() as store:
        checks.stored(store, 3)

        demand_level(store)
        assert store.recover().batches_entered == 1
        drain(store)
        demand_level(store)
        assert rays_found(store) == {ray(n): 1 for n in (1, 2, 3)}


def test_e3_a_resend_that_is_entered_again_counts(lab: Lab) -> None:
    with lab.store() as store:
        checks.stored(store, 1)
        send(store, gzip.compress(gzip.decompress(numbered(1)), 1))
        resends = [each.kind for each in entries(store)].count("resend")
        assert resends == 1
        counted = store.status().datasets["http_requests"].resends
        shutil.copytree(store.layout.root, lab.folder / "cut")
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        (lab.folder / "cut" / name).unlink()
    lab.injected(1)

    with created(lab, "cut") as store:
        checks.stored(store, 2)
        assert store.status().datasets["http_requests"].resends == counted


def test_e4_damage_under_a_running_service_fails_no_batch(lab: Lab) -> None:
    """The loader's commit is made; its batch is neither loaded again nor set aside."""
    with lab.store() as store:
        for number in range(4):
            checks.stored(store, number)
        path = newest(store.layout)
        held = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(
            b"".join([*held[:-2], *(b"x" * (len(line) - 1) + b"\n" for line in held[-2:])])
        )
        lab.injected(1)

        with pytest.raises(LedgerContradicts, match="raytrail rebuild"):
            drain(store)

        assert store.status().datasets["http_requests"].unread_batches == 0
        path.write_bytes(b"".join(held))
        # The next commit writes the line that is missing.
        checks.stored(store, 4)
        drain(store)
        assert rays_found(store) == {ray(n): 1 for n in range(5)}
        demand_level(store)


def test_e3_receipts_that_a_power_cut_took_from_the_catalog_are_entered_again(lab: Lab) -> None:
    """Their commits were not synced, as their lines in `ledger/` were."""
    used(lab)
    with lab.store() as store:
        for number in range(10, 14):
            checks.stored(store, number)
        expected = entries(store)
        shutil.copytree(store.layout.root, lab.folder / "cut")
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        (lab.folder / "cut" / name).unlink()
    lab.injected(1)

    with created(lab, "cut") as store:
        assert entries(store) == expected
        drain(store)
        assert rays_found(store) == {ray(n): 1 for n in [*range(3), *range(10, 14)]}
        demand_level(store)


def test_e4_a_line_torn_at_any_byte_is_written_again(lab: Lab) -> None:
    layout = used(lab)
    whole = newest(layout).read_bytes()
    last = whole.rstrip(b"\n").rindex(b"\n") + 1
    cuts = [*range(last, len(whole), 97), len(whole) - 1]
    for cut in cuts:
        for tail in (b"", b"\0" * 300, b'{"digest":"ab"}\n'):
            newest(layout).write_bytes(whole[:cut] + tail)
            with created(lab) as store:
                demand_level(store)
            assert newest(layout).read_bytes() == whole
    lab.injected(3 * len(cuts))


def test_e4_a_line_that_a_power_cut_damaged_before_whole_ones_is_written_again(lab: Lab) -> None:
    """None of them was synced; the disk may keep the later ones."""
    layout = used(lab, 6)
    whole = newest(layout).read_bytes()
    for line in range(6):
        start = sum(map(len, whole.splitlines(keepends=True)[:line]))
        newest(layout).write_bytes(whole[:start] + b"\0" * 100 + whole[start + 100 :])
        with created(lab) as store:
            demand_level(store)
        assert newest(layout).read_bytes() == whole
    lab.injected(6)


def test_e5_a_failed_sync_of_the_ledger_gives_no_receipt_and_is_written_anew(lab: Lab) -> None:
    checks.a_failed_sync_of_the_ledger_gives_no_receipt(lab)


def test_e6_an_older_catalog_is_refused_and_no_file_is_touched(lab: Lab) -> None:
    layout = used(lab)
    old = layout.catalog.read_bytes()
    with lab.store() as store:
        checks.stored(store, 9)
        drain(store)
    layout.catalog.write_bytes(old)
    before = tree(layout.root)

    for start in (created, opened_and_drained):
        with pytest.raises(
            CatalogBehind, match=r"ends with entry 4, and ledger/ .* entry 6: it is"
        ):
            start(lab)
        assert tree(layout.root) == before
    lab.injected(1)


def test_e6_an_older_catalog_answers_no_question(lab: Lab) -> None:
    layout = used(lab)
    old = layout.catalog.read_bytes()
    with lab.store() as store:
        checks.stored(store, 9)
        drain(store)
        whole = layout.ledger.joinpath(newest(layout).name).read_bytes()
    right = layout.catalog.read_bytes()
    lab.injected(2)

    layout.catalog.write_bytes(old)
    for asked in (asked_for_rows, lambda of: Store.open(of.root, Clock())):
        with pytest.raises(CatalogBehind, match="ends with entry 4, and ledger/ has entry 6"):
            asked(layout)

    # A receipt may be ahead, and a line that is torn or damaged tells nothing.
    newest(layout).write_bytes(b"".join(whole.splitlines(keepends=True)[:5]) + b"torn")
    asked_for_rows(layout)
    newest(layout).write_bytes(whole)
    layout.catalog.write_bytes(right)
    asked_for_rows(layout)


def test_e7_an_emptied_catalog_answers_no_question(lab: Lab) -> None:
    layout = used(lab)
    layout.catalog.write_bytes(b"")
    lab.injected(1)

    for asked in (asked_for_rows, lambda of: Store.open(of.root, Clock())):
        with pytest.raises(CatalogMissing, match="raytrail rebuild"):
            asked(layout)
    shutil.rmtree(layout.ledger)
    with pytest.raises(LedgerMissing, match="raytrail rebuild"):
        asked_for_rows(layout)


def asked_for_rows(layout: Layout) -> Snapshot:
    return live_files.snapshot(layout, Clock()())


def opened_and_drained(lab: Lab) -> None:
    """As `raytrail load` does it: it sweeps before it loads."""
    with lab.store() as store:
        drain(store)


def missing(catalog: Path) -> None:
    catalog.unlink()


def emptied(catalog: Path) -> None:
    catalog.write_bytes(b"")


def without_tables(catalog: Path) -> None:
    """As a start of an older version left it."""
    catalog.unlink()
    with sqlite3.connect(catalog) as connection:
        connection.execute("PRAGMA user_version = 1")


@pytest.mark.parametrize("lose", [missing, emptied, without_tables])
def test_e7_a_lost_catalog_is_never_begun_anew(lab: Lab, lose: Callable[[Path], None]) -> None:
    layout = used(lab)
    lose(layout.catalog)
    before = tree(layout.root)

    with pytest.raises((CatalogMissing, CatalogBehind)):
        created(lab)

    shutil.rmtree(layout.ledger)
    with pytest.raises(LedgerMissing, match="raytrail restore"):
        created(lab)
    assert {**tree(layout.root), **before} == before
    lab.injected(2)


def test_e8_an_overwritten_page_is_found_before_the_first_commit_after_a_kill(
    lab: Lab, chance: random.Random
) -> None:
    used(lab, 8)
    with lab.store() as store:
        checks.stored(store, 90)  # what a kill leaves: a log that no process has closed
        shutil.copytree(store.layout.root, lab.folder / "killed")
    pages = (lab.folder / "killed" / "catalog.sqlite").stat().st_size // PAGE_BYTES
    refused = 0
    for page in range(pages):
        root = lab.folder / "damaged"
        shutil.copytree(lab.folder / "killed", root)
        with (root / "catalog.sqlite").open("r+b") as file:
            file.seek(page * PAGE_BYTES)
            file.write(chance.randbytes(PAGE_BYTES))
        try:
            with created(lab, "damaged") as store:
                demand_level(store)  # the log has the page, or nothing uses it
        except CatalogDamaged:
            refused += 1
        shutil.rmtree(root)
    lab.injected(pages)
    assert refused > pages / 2


def test_e8_a_question_after_a_kill_leaves_the_pages_to_be_checked(lab: Lab) -> None:
    """The question closes the catalog properly, and SQLite removes its log."""
    used(lab)
    with lab.store() as store:
        checks.stored(store, 9)
        shutil.copytree(store.layout.root, lab.folder / "killed")
    assert asked_for_rows(Layout(lab.folder / "killed")).pending_batches
    assert not (lab.folder / "killed" / "catalog.sqlite-wal").exists()

    checked: list[object] = []
    lab.patch.setattr("store.catalog.agreement.agreement._check_pages", checked.append)
    for _ in range(2):
        with created(lab, "killed"):
            pass
    lab.injected(1)

    assert len(checked) == 1


def test_e8_a_clean_start_checks_no_page(lab: Lab) -> None:
    used(lab)
    with lab.patch.context() as patch:
        patch.setattr("store.catalog.agreement.agreement._check_pages", pytest.fail)
        with created(lab) as store:
            checks.stored(store, 9)


def test_e9_a_missing_ledger_is_refused(lab: Lab) -> None:
    layout = used(lab)
    shutil.rmtree(layout.ledger)

    for start in (created, opened_and_drained):
        with pytest.raises(LedgerMissing, match="put ledger/ back"):
            start(lab)
    assert not layout.ledger.exists()
    lab.injected(1)


def test_e9_a_ledger_that_disappears_under_a_service_gives_no_receipt(lab: Lab) -> None:
    with lab.store() as store:
        checks.stored(store, 1)
        shutil.rmtree(store.layout.ledger)
        with pytest.raises(LedgerMissing):
            send(store, numbered(2))
        lab.injected(1)
        assert len(entered(store)) == 1


def test_e10_the_ledger_of_another_store_is_refused(lab: Lab) -> None:
    layout = used(lab)
    with lab.store("other", day=1) as other:
        for number in range(3):
            checks.stored(other, number)
        drain(other)
    shutil.rmtree(layout.ledger)
    shutil.copytree(other.layout.ledger, layout.ledger)

    with pytest.raises(LedgerContradicts, match="entry 4 is another one in ledger/"):
        created(lab)
    lab.injected(1)


def test_e10_a_damaged_line_before_the_last_is_refused(lab: Lab) -> None:
    layout = used(lab)
    lines = newest(layout).read_bytes().splitlines(keepends=True)
    newest(layout).write_bytes(b"".join([*lines[:-2], b"{}\n", b"torn"]))

    with lab.patch.context() as patch:
        # Fewer lines than in this ledger, as in any that is older than a second.
        patch.setattr("store.catalog.agreement.comparison.UNSYNCED_LINES_MAX", 1)
        with pytest.raises(LedgerContradicts, match="it is not an entry of a ledger"):
            created(lab)
    lab.injected(1)


def test_e11_the_store_of_an_older_version_gets_its_ledger(lab: Lab) -> None:
    layout = used(lab)
    older(layout)

    with lab.store() as store:
        checks.stored(store, 9)
        demand_level(store)


def older(layout: Layout) -> None:
    """As a version without `ledger/` left it."""
    shutil.rmtree(layout.ledger)
    with sqlite3.connect(layout.catalog) as connection:
        connection.execute(f"DELETE FROM {facts.name} WHERE name = 'ledger'")
    connection.close()


def test_e11_an_upgrade_killed_at_any_call_is_completed_by_the_next_start(lab: Lab) -> None:
    layout = used(lab)
    for system in deaths():
        older(layout)
        with dying(lab.patch, system):
            try:
                created(lab).catalog.close()
            except Killed:
                lab.injected(1)
        with created(lab) as store:
            demand_level(store)


def test_e12_a_first_start_killed_at_any_call_can_start_again(lab: Lab) -> None:
    for number, system in enumerate(deaths()):
        with dying(lab.patch, system):
            try:
                created(lab, f"new-{number}").catalog.close()
            except Killed:
                lab.injected(1)
        with created(lab, f"new-{number}") as store:
            checks.stored(store, 1)
            demand_level(store)


def deaths() -> Iterator[Dying]:
    """A system that dies at its first call, then one that dies at its second, until one lives."""
    for n in range(1, checks.CALLS_MAX):
        system = Dying(n)
        yield system
        if system.hit is None:
            return
    raise AssertionError("it makes calls for ever")
