"""A finished file that the catalog does not know is moved away, and never deleted."""

import os
from pathlib import Path

import pytest

from store.files import stray
from store.store import Store
from tests.factories import send
from tests.faults import checks
from tests.faults.lab import Lab, drain, numbered, ray, rays_found


def load(store: Store, *numbers: int) -> None:
    for number in numbers:
        send(store, numbered(number, b"no json\n"))
        drain(store)


def parts(store: Store) -> dict[str, bytes]:
    found = store.layout.parts.rglob("*")
    return {store.layout.relative(path): path.read_bytes() for path in found if path.is_file()}


def strays(store: Store) -> dict[str, bytes]:
    found = stray.found(store.layout)
    return {each.original: (store.layout.root / each.path).read_bytes() for each in found}


def test_s1_with_an_earlier_catalog_put_back_no_part_is_deleted(lab: Lab) -> None:
    checks.an_earlier_catalog_costs_no_part(lab)


def test_s1_with_an_earlier_catalog_put_back_no_merged_file_is_deleted(lab: Lab) -> None:
    with lab.store() as store:
        load(store, 1, 2)
    checks.copy_ledger(lab, "earlier")
    with lab.store(day=3) as store:
        checks.merge(store)
        merged = {name: held for name, held in parts(store).items() if "/sorted-" in name}
        assert merged
    checks.put_ledger_back(lab, "earlier")
    lab.injected(1)

    with lab.store(day=3) as store:
        with store.file_swap().locked():
            assert strays(store) == merged
        assert rays_found(store) == {ray(1): 1, ray(2): 1}


def test_s1_the_right_catalog_brings_back_what_an_earlier_one_did_not_know(lab: Lab) -> None:
    with lab.store() as store:
        load(store, 1)
    checks.copy_ledger(lab, "earlier")
    with lab.store() as store:
        load(store, 2)
        before = parts(store)
    checks.copy_ledger(lab, "right")
    checks.put_ledger_back(lab, "earlier")
    lab.injected(1)
    with lab.store() as store:
        store.loader().sweep()
        assert strays(store)
    checks.put_ledger_back(lab, "right")

    with lab.store() as store:
        store.loader().sweep()

        assert parts(store) == before
        assert strays(store) == {}
        assert rays_found(store) == {ray(1): 1, ray(2): 1}


def test_s2_uncommitted_output_that_is_newer_than_the_catalog_is_kept(lab: Lab) -> None:
    """A file still has its unfinished name, but an old catalog cannot know that it was committed."""
    with lab.store() as store:
        load(store, 1)
    checks.copy_ledger(lab, "earlier")
    with lab.store() as store:
        before = parts(store)
        load(store, 2)
        newer = parts(store).keys() - before.keys()
        for name in newer:
            path = store.layout.root / name
            os.link(path, path.with_name(f".unfinished-part-{'0' * 16}"))
        kept = {name: parts(store)[name] for name in newer}
    checks.put_ledger_back(lab, "earlier")
    lab.injected(1)

    with lab.store() as store:
        store.loader().sweep()

        assert strays(store) == kept
        assert parts(store) == before


def test_s3_a_part_whose_unfinished_name_came_back_is_live(lab: Lab) -> None:
    """As after a power cut behind the commit: that removal is not synced."""
    with lab.store() as store:
        load(store, 1)
        before = parts(store)
        for name in before:
            path = store.layout.root / name
            os.link(path, path.with_name(f".unfinished-part-{'0' * 15}{len(name) % 10}"))
        lab.injected(len(before))
        store.loader().sweep()

        assert parts(store) == before
        assert strays(store) == {}


def test_s3_the_end_of_a_part_takes_its_unfinished_name_too(lab: Lab) -> None:
    with lab.store() as store:
        load(store, 1)
        [part] = store.snapshot().files["http_requests"]
        os.link(part, part.with_name(".unfinished-part-0000000000000000"))
        lab.injected(1)
        checks.retire(store, part)

        assert list(part.parent.iterdir()) == []


@pytest.mark.parametrize("name", ["x.parquet", "sorted-x.parquet", "notes.txt"])
def test_s4_a_foreign_file_is_moved_and_can_be_put_back(lab: Lab, name: str) -> None:
    with lab.store() as store:
        folder = store.layout.part_folder("http_requests", "2026-11-20")
        folder.mkdir(parents=True)
        (folder / name).write_bytes(b"whatever it is")
        lab.injected(1)
        store.loader().sweep()
        with store.file_swap().locked():
            pass
        assert parts(store) == {}

        [found] = stray.found(store.layout)

        assert found.original == f"parts/http_requests/date=2026-11-20/{name}"
        assert found.path.endswith(found.original)
        assert found.path.startswith("stray/20261122T")
        assert found.moved_at == store.clock().replace(microsecond=0)
        assert found.bytes == len(b"whatever it is")


def test_s4_a_file_of_a_disk_without_room_stays_where_it_is(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lab.store() as store:
        folder = store.layout.part_folder("http_requests", "2026-11-20")
        folder.mkdir(parents=True)
        (folder / "x.parquet").write_bytes(b"whatever it is")

        def full(_path: Path, **_: object) -> None:
            lab.injected(1)
            raise OSError(28, "no room")

        monkeypatch.setattr("store.files.durable.os.mkdir", full)
        with store.file_swap().locked() as has_lock:
            assert has_lock
        store.loader().sweep()

        assert list(parts(store)) == ["parts/http_requests/date=2026-11-20/x.parquet"]
