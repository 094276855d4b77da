"""Processes that die between any two calls, and power that fails with them (reliability 5.1)."""

import shutil

import pytest

from tests.faults import checks
from tests.faults.lab import Lab, drain, entered, entries, numbered, raw_files, ray, rays_found


def test_k2_k3_k4_k5_a_retry_before_any_recovery_is_stored_once(lab: Lab) -> None:
    checks.a_retry_before_any_recovery_is_stored_once(lab)


def test_k1_k2_what_is_left_is_swept_and_never_believed(lab: Lab) -> None:
    checks.what_dead_processes_left_is_swept_and_entered(lab)


def test_k4_bodies_that_nobody_received_are_moved_away(lab: Lab) -> None:
    checks.bodies_that_nobody_received_are_moved_away(lab)


def test_k5_what_was_stored_keeps_its_dataset(lab: Lab) -> None:
    checks.what_was_stored_keeps_its_dataset(lab)


def test_k6_a_ledger_torn_anywhere_is_whole_up_to_there_and_mended(lab: Lab) -> None:
    """The log of the catalog is cut at any byte, as by a death in the middle of a write."""
    with lab.store():
        pass  # closed, so that its log is empty and what follows is in it alone
    with lab.store() as store:
        for number in (1, 2, 3):
            checks.stored(store, number)
        log = store.layout.catalog.with_name("catalog.sqlite-wal")
        length = log.stat().st_size
        cuts = range(1, length, length // 14)
        for cut in cuts:
            torn = lab.folder / f"torn-{cut}"
            shutil.copytree(store.layout.root, torn, symlinks=True)
            with (torn / log.name).open("r+b") as file:
                file.truncate(cut)
            (torn / "catalog.sqlite-shm").unlink()
    kept = set()
    for cut in cuts:
        with lab.store(f"torn-{cut}") as torn_store:
            before = entered(torn_store)
            kept.add(len(before))
            assert torn_store.recover().strays == ()
            assert len(entered(torn_store)) == 3
            assert sorted(entered(torn_store)) == [path.stem for path in raw_files(torn_store)]
            assert entered(torn_store)[: len(before)] == before
    lab.injected(len(cuts))
    assert kept == {0, 1, 2}, "the cuts must have fallen between the entries"


def test_k7_a_receipt_is_in_the_ledger_before_anybody_hears_of_it(lab: Lab) -> None:
    checks.a_receipt_is_in_the_ledger(lab)


def test_k17_a_power_cut_at_any_call_loses_nothing_acknowledged(lab: Lab) -> None:
    checks.a_power_cut_loses_nothing_acknowledged(lab)


@pytest.mark.slow
def test_k17_a_power_cut_while_loading_loses_no_row(lab: Lab) -> None:
    checks.a_power_cut_while_loading_loses_no_row(lab)


def test_k17_every_durable_verb_makes_its_calls_in_order(lab: Lab) -> None:
    checks.every_verb_makes_its_calls_in_order(lab)


def test_k17_a_batch_makes_its_calls_in_order(lab: Lab) -> None:
    checks.a_batch_makes_its_calls_in_order(lab)


def test_k17_a_part_makes_its_calls_in_order(lab: Lab) -> None:
    """Its folders' names, its bytes, its own name; each synced before the catalog names it. The
    unfinished name goes afterwards.
    """
    with lab.store() as store:
        checks.stored(store, 1)
        calls = checks.calls_of(lab, lambda: drain(store))
        assert [entry.kind for entry in entries(store)] == ["batch", "loaded"]
        assert rays_found(store) == {ray(1): 1}
    steps = [call for call in calls if call != "open"]
    folders = ["mkdir", "fsync"] * 2
    swept = steps[: steps.index("mkdir")]
    assert set(swept) <= {"unlink"}
    stored = [*folders, "write", "fsync", "link", "fsync"]
    entered_too = ["write", "fdatasync"]
    assert steps[len(swept) :] == [*stored, *entered_too, "unlink"]


def test_bodies_are_told_apart() -> None:
    """The checks count bodies; two that were alike would hide a loss."""
    assert len({numbered(number) for number in range(100)}) == 100
