"""A new store that stayed empty is removed, and nothing else."""

from pathlib import Path

import pytest

from store.files import durable
from store.files.layout import Layout
from store.files.new_folder import NewFolder, holds_store
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, Clock


def created(layout: Layout) -> NewFolder:
    before = NewFolder.of(layout)
    Store.create(layout.root, Clock(), IntakeLimits(reserve=NO_RESERVE)).catalog.close()
    return before


def test_a_new_store_is_removed_with_the_folders_that_were_made_for_it(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "new" / "data")
    before = created(layout)
    assert holds_store(layout)

    assert before.discard()

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_was_never_made_needs_no_removal(tmp_path: Path) -> None:
    assert NewFolder.of(Layout(tmp_path / "data")).discard()
    assert list(tmp_path.iterdir()) == []


def test_files_that_another_program_wrote_meanwhile_stay(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    before = created(layout)
    (layout.root / "letter.txt").write_text("dear")

    assert before.discard()

    assert [path.name for path in layout.root.iterdir()] == ["letter.txt"]


def test_a_store_that_a_process_uses_stays(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    before = created(layout)

    with durable.lock(layout.loader_lock):
        assert not before.discard()

    assert holds_store(layout)


@pytest.mark.parametrize("folder", ["raw", "parts", "ledger"])
def test_a_folder_with_data_and_without_a_catalog_holds_a_store(
    tmp_path: Path, folder: str
) -> None:
    layout = Layout(tmp_path)
    (tmp_path / folder / "below").mkdir(parents=True)
    assert not holds_store(layout)

    (tmp_path / folder / "below" / "file").write_bytes(b"")

    assert holds_store(layout)
