"""A restore and an erasure with incomplete or unreadable lists, files and neighbouring folders."""

from pathlib import Path

import orjson
import pytest

from store.backup import erasure_list, places, unresolved
from store.backup.backup import Backup
from store.backup.erasure_list import FILE_NAME, FORMAT
from store.backup.restore import restore
from store.errors import BackupRefused
from store.files.layout import Layout
from store.store import Store
from tests.factories import SHELL, Clock, gzipped, load, ndjson, send
from tests.person_store import USER, by, erase

NEWER_FORM = orjson.dumps({"form": FORMAT + 1, "erasures": []})


@pytest.fixture
def filled(store: Store) -> Store:
    post(store, gzipped(ndjson(by(USER, RayID="0a"), by("bob", RayID="0b"))))
    return store


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "restored" / "data")


def post(store: Store, body: bytes) -> None:
    send(store, body)
    load(store)


def backed_up(store: Store, tmp_path: Path) -> Path:
    """A backup in a folder of its own, so that the store is not beside it."""
    folder = tmp_path / "snapshots" / "monday"
    folder.parent.mkdir()
    Backup.of(store, folder).run()
    return folder


def list_of(store: Store, tmp_path: Path) -> Path:
    path = tmp_path / "list.json"
    path.write_bytes(erasure_list.as_json(erasure_list.of_store(store.catalog)))
    return path


def rows_and_files(backup: Path, layout: Layout, *erasures: Path) -> list[tuple[int | None, int]]:
    found = restore(backup, layout, Clock(), SHELL, erasures).newer.found
    return [(each.rows, each.files) for each in found]


def test_a_restore_counts_rejected_lines_with_the_name(
    filled: Store, layout: Layout, tmp_path: Path
) -> None:
    post(filled, gzipped(f"no json {USER}\nnobody's\n".encode()))
    backup = backed_up(filled, tmp_path)
    erase(filled)

    assert rows_and_files(backup, layout, list_of(filled, tmp_path)) == [(2, 2)]


def test_a_restore_counts_nothing_in_a_file_that_the_backup_lacks(
    filled: Store, layout: Layout, tmp_path: Path
) -> None:
    [lost] = map(Path, filled.snapshot().files["http_requests"])
    post(filled, gzipped(ndjson(by(USER, RayID="0c"), by(USER, RayID="0d"))))
    lost.rename(tmp_path / "lost")
    backup = backed_up(filled, tmp_path)
    (tmp_path / "lost").rename(lost)
    erase(filled)

    assert rows_and_files(backup, layout, list_of(filled, tmp_path)) == [(2, 1)]


def test_a_backup_without_entries_has_no_history_to_find_beside_it(
    store: Store, tmp_path: Path
) -> None:
    backup = backed_up(store, tmp_path)
    post(store, gzipped(ndjson(by(USER))))
    erase(store)

    assert rows_and_files(backup, Layout(tmp_path / "new")) == []


def test_a_damaged_catalog_beside_the_new_store_does_not_stop_a_restore(
    filled: Store, tmp_path: Path
) -> None:
    backup = backed_up(filled, tmp_path)
    erase(filled)
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "catalog.sqlite").write_bytes(b"no catalog" * 100)

    assert rows_and_files(backup, Layout(tmp_path / "new")) == [(1, 1)]


def test_a_folder_that_may_not_be_listed_does_not_stop_a_restore(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup = backed_up(filled, tmp_path)
    erase(filled)
    iterdir = Path.iterdir

    def refusing(folder: Path) -> object:
        if folder == backup.parent:
            raise PermissionError(13, "Permission denied")
        return iterdir(folder)

    monkeypatch.setattr(Path, "iterdir", refusing)

    # The store is in the other folder, which can be listed.
    assert rows_and_files(backup, Layout(tmp_path / "new")) == [(1, 1)]


def test_a_list_of_a_newer_version_is_refused(
    filled: Store, layout: Layout, tmp_path: Path
) -> None:
    backup = backed_up(filled, tmp_path)
    (tmp_path / "list.json").write_bytes(NEWER_FORM)

    with pytest.raises(BackupRefused, match=r"list\.json: it was written by another version"):
        rows_and_files(backup, layout, tmp_path / "list.json")

    assert not layout.catalog.exists()


@pytest.mark.parametrize("held", [NEWER_FORM, b'{"form": 1, "era', b"[]", b"{}"])
def test_a_backup_with_a_list_that_cannot_be_read_is_not_told(
    filled: Store, tmp_path: Path, held: bytes
) -> None:
    backup = backed_up(filled, tmp_path)
    (backup / FILE_NAME).write_bytes(held)
    erase(filled)

    [place] = places.tell(filled.catalog, erasure_list.of_store(filled.catalog))

    assert (place.path, place.is_told) == (str(backup), False)
    assert (backup / FILE_NAME).read_bytes() == held


@pytest.mark.parametrize("damage", [b"{", b"[]", b"{}"])
def test_damaged_notes_of_what_a_restored_store_waits_for_are_refused(
    filled: Store, layout: Layout, tmp_path: Path, damage: bytes
) -> None:
    backup = backed_up(filled, tmp_path)
    erase(filled)
    assert rows_and_files(backup, layout, list_of(filled, tmp_path)) == [(1, 1)]

    layout.restored_erasures.write_bytes(damage)

    with pytest.raises(BackupRefused, match="cannot be read"):
        unresolved.read(layout)


def test_a_folder_with_a_damaged_catalog_is_no_list_of_erasures(tmp_path: Path) -> None:
    (tmp_path / "catalog.sqlite").write_bytes(b"no database " * 400)

    with pytest.raises(BackupRefused, match="cannot be read as a list of erasures"):
        erasure_list.read(tmp_path)
