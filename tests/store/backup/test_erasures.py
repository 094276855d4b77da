"""A backup and a restore know which persons were erased after the backup's catalog."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from store.backup import erasure_list, newer_erasures, places, unresolved
from store.backup.backup import Backup
from store.backup.erasure_list import FILE_NAME
from store.backup.restore import restore
from store.catalog import ledger
from store.errors import BackupRefused, EraseRefused, StoreUnavailable
from store.files.copying import Copying
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, ndjson, send
from tests.person_store import USER, by, erase, places_of

LIMITS = IntakeLimits(reserve=NO_RESERVE)


@pytest.fixture
def filled(store: Store) -> Store:
    """Two persons, and a batch that waits for the loader."""
    send(store, gzipped(ndjson(by(USER, RayID="0a"), by(USER, RayID="0b"), by("bob", RayID="0c"))))
    load(store)
    return store


@pytest.fixture
def old(filled: Store, tmp_path: Path) -> Path:
    """A snapshot of the backup's folder from before the person was erased."""
    Backup.of(filled, tmp_path / "backup").run()
    shutil.copytree(tmp_path / "backup", tmp_path / "snapshots" / "monday")
    erase(filled)
    return tmp_path / "snapshots" / "monday"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "restored" / "data")


def waiting(layout: Layout) -> list[tuple[int | None, int]]:
    return [(each.rows, each.files) for each in unresolved.read(layout).found]


def demand_served(layout: Layout) -> None:
    Store.create(layout.root, Clock(), LIMITS).catalog.close()


def test_a_backup_that_is_made_during_an_erasure_has_nothing_of_the_person(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Copying.take

    def then_erase(copying: Copying, wanted: ExpectedFile) -> None:
        take(copying, wanted)
        if wanted.path.startswith("raw"):
            monkeypatch.setattr(Copying, "take", take)
            erase(filled)

    monkeypatch.setattr(Copying, "take", then_erase)
    Backup.of(filled, tmp_path / "backup").run()

    assert places_of(tmp_path / "backup") == []
    done = restore(tmp_path / "backup", Layout(tmp_path / "new"), Clock(), SHELL)
    assert done.newer == newer_erasures.NONE
    demand_served(Layout(tmp_path / "new"))


def test_a_restore_finds_by_the_list_in_the_backup_what_was_erased_later(
    filled: Store, tmp_path: Path, layout: Layout
) -> None:
    Backup.of(filled, tmp_path / "backup").run()
    erase(filled)
    [place] = places.tell(filled.catalog, erasure_list.of_store(filled.catalog))
    shutil.copytree(tmp_path / "backup", tmp_path / "elsewhere" / "backup")

    done = restore(tmp_path / "elsewhere" / "backup", layout, Clock(), SHELL)

    assert place.is_told
    assert [(each.rows, each.files) for each in done.newer.found] == [(2, 1)]
    assert waiting(layout) == [(2, 1)]
    assert USER not in layout.restored_erasures.read_text()
    with pytest.raises(StoreUnavailable, match="older than an erasure"):
        demand_served(layout)


def test_a_restore_looks_into_the_store_that_is_beside_it(
    filled: Store, old: Path, tmp_path: Path
) -> None:
    new = Layout(tmp_path / "new")

    done = restore(old, new, Clock(), SHELL)

    assert filled.layout.root.parent == tmp_path
    assert [(each.rows, each.files) for each in done.newer.found] == [(2, 1)]


def test_a_person_can_name_the_list_of_erasures(
    filled: Store, old: Path, layout: Layout, tmp_path: Path
) -> None:
    told = tmp_path / "erasures-of-ours.json"
    told.write_bytes(erasure_list.as_json(erasure_list.of_store(filled.catalog)))
    for path in (tmp_path / "data", tmp_path / "backup"):
        path.rename(tmp_path / "snapshots" / "monday" / path.name)

    without = restore(old, Layout(tmp_path / "alone" / "data"), Clock(), SHELL)
    done = restore(old, layout, Clock(), SHELL, erasures=[told])

    assert without.newer == newer_erasures.NONE
    assert len(done.newer.found) == 1
    with pytest.raises(BackupRefused, match="cannot be read as a list of erasures"):
        restore(old, Layout(tmp_path / "third"), Clock(), SHELL, erasures=[old / "backup.sqlite"])


def test_a_store_is_served_again_when_the_person_was_erased_by_name(
    old: Path, tmp_path: Path
) -> None:
    new = Layout(tmp_path / "new")
    restore(old, new, Clock(), SHELL)
    with Store.open(new.root, Clock(), LIMITS) as store:
        erase(store)
        store.publish(SHELL)

    assert unresolved.settle(new, ["somebody else"]) == 0
    assert unresolved.settle(new, [USER]) == 1

    assert not new.restored_erasures.exists()
    demand_served(new)
    assert places_of(new.root) == []


def test_a_person_may_accept_with_a_reason_that_the_ledger_keeps(old: Path, tmp_path: Path) -> None:
    new = Layout(tmp_path / "new")
    restore(old, new, Clock(), SHELL)
    with Store.open(new.root, Clock(), LIMITS) as store:
        with pytest.raises(EraseRefused, match="reason"):
            unresolved.accept(store, " ")

        assert unresolved.accept(store, "case 9 needs it") == 1

        with store.catalog.read() as connection:
            entry = ledger.newest(connection)
        with pytest.raises(EraseRefused, match="no erasure waits"):
            unresolved.accept(store, "again")
    assert entry is not None
    assert (entry.kind, entry.payload["reason"]) == ("accepted", "case 9 needs it")
    assert [each["rows"] for each in entry.payload["erasures"]] == [2]
    demand_served(new)


def test_an_erasure_without_a_digest_is_named_and_can_only_be_accepted(
    filled: Store, tmp_path: Path
) -> None:
    Backup.of(filled, tmp_path / "backup").run()
    erase(filled, keep_out_days=0)
    new = Layout(tmp_path / "new")

    restore(tmp_path / "backup", new, Clock(), SHELL)

    assert waiting(new) == [(None, 0)]
    assert unresolved.settle(new, [USER]) == 0


def test_bodies_that_are_not_decoded_yet_are_named(filled: Store, tmp_path: Path) -> None:
    send(filled, gzipped(ndjson(by(USER, RayID="0d"))))
    Backup.of(filled, tmp_path / "backup").run()
    erase(filled)

    done = restore(tmp_path / "backup", Layout(tmp_path / "new"), Clock(), SHELL)

    [body] = done.newer.unjudged
    assert body.startswith("raw/")


def test_the_next_backup_of_the_store_needs_no_decision(
    filled: Store, old: Path, layout: Layout, tmp_path: Path
) -> None:
    del old
    Backup.of(filled, tmp_path / "backup").run()

    done = restore(tmp_path / "backup", layout, Clock(), SHELL)

    assert (tmp_path / "backup" / FILE_NAME).is_file()
    assert done.newer == newer_erasures.NONE
    demand_served(layout)


def test_a_backup_that_is_out_of_reach_is_not_told(filled: Store, tmp_path: Path) -> None:
    Backup.of(filled, tmp_path / "backup").run()
    (tmp_path / "backup").rename(tmp_path / "unplugged")
    erase(filled)

    [place] = places.tell(filled.catalog, erasure_list.of_store(filled.catalog))

    assert replace(place, taken_at="") == places.BackupPlace(str(tmp_path / "backup"), "", False)
