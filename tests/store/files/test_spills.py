"""Folders for spilled rows are made and swept by several processes at once."""

import fcntl
import os
import stat
import tempfile
from pathlib import Path

import pytest

from store.files import spills
from store.files.layout import Layout
from tests.store.files.somebody import SOMEBODY, acting_as_somebody, for_root


def test_a_folder_that_a_sweep_takes_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, real, taken = Layout(tmp_path), fcntl.flock, list[Path]()

    def sweeper_first(fd: int, how: int) -> None:
        if not taken:
            taken.extend(layout.spills.iterdir())
            spills.sweep(layout)
        real(fd, how)

    monkeypatch.setattr(fcntl, "flock", sweeper_first)

    with spills.spill_folder(layout) as folder:
        assert len(taken) == 1
        assert list(layout.spills.iterdir()) == [folder]
        assert folder not in taken
    assert not layout.spills.exists()


def test_a_folder_that_is_locked_while_a_sweep_looks_at_it_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout, real, asked = Layout(tmp_path), fcntl.flock, list[int]()
    used = layout.spills / "used"
    used.mkdir(parents=True)
    owner = os.open(used, os.O_RDONLY | os.O_DIRECTORY)

    def owner_first(fd: int, how: int) -> None:
        """The sweep asks first whether it is locked, and then takes the lock."""
        asked.append(fd)
        if len(asked) == 2:
            real(owner, fcntl.LOCK_EX)
        real(fd, how)

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", owner_first)
        spills.sweep(layout)
    assert len(asked) == 2
    assert used.exists()

    os.close(owner)
    spills.sweep(layout)
    assert not layout.spills.exists()


@pytest.fixture
def unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """The layout of a data folder in which no spills can be made, beside a temporary folder."""
    layout = Layout(tmp_path / "data")
    layout.root.mkdir()
    layout.spills.symlink_to("nowhere")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return layout


def elsewhere(layout: Layout) -> Path:
    return layout.root.with_name(f"raytrail-spills-{os.geteuid()}")


def test_where_no_folder_can_be_made_rows_are_spilled_elsewhere(unwritable: Layout) -> None:
    with spills.spill_folder(unwritable) as folder:
        assert folder.parent == elsewhere(unwritable)
        assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}
    assert not elsewhere(unwritable).exists()


def test_what_a_killed_reader_spilled_goes_with_the_next_command(unwritable: Layout) -> None:
    made = spills.make(unwritable)
    assert made is not None
    folder, lock = made
    (folder / "duckdb_temp_storage-0.tmp").write_bytes(b"rows")

    spills.sweep(unwritable)
    assert folder.exists(), "its owner lives"
    os.close(lock)
    spills.sweep(unwritable)

    assert not elsewhere(unwritable).exists()


@pytest.mark.parametrize("what", ["a link", "open to others", "of another user"])
def test_a_folder_that_somebody_else_put_there_is_not_used(unwritable: Layout, what: str) -> None:
    if what == "of another user" and os.geteuid():
        pytest.skip("NOT ROOT: nothing was tried as two users")
    theirs = unwritable.root.with_name("theirs")
    (theirs / "kept").mkdir(parents=True, mode=0o700)
    theirs.chmod(0o755 if what == "open to others" else 0o700)
    if what == "of another user":
        os.chown(theirs, SOMEBODY, SOMEBODY)
    if what == "a link":
        elsewhere(unwritable).symlink_to(theirs)
    else:
        theirs = theirs.rename(elsewhere(unwritable))

    spills.sweep(unwritable)
    with spills.spill_folder(unwritable) as folder:
        assert folder.parent == unwritable.root.parent
    assert [each.name for each in theirs.iterdir()] == ["kept"]


@for_root
def test_a_user_spills_to_a_folder_of_its_own() -> None:
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, SOMEBODY, SOMEBODY)
        layout = Layout(Path(name))
        with acting_as_somebody(), spills.spill_folder(layout) as folder:
            found = [each.stat() for each in (folder, layout.spills)]
        assert {each.st_uid for each in found} == {SOMEBODY}
        assert {stat.S_IMODE(each.st_mode) for each in found} == {0o700}
        assert not layout.spills.exists()


def test_a_folder_that_is_removed_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = list[Path]()

    def removed(prefix: str, dir: Path) -> str:  # noqa: A002 (as tempfile has it)
        tried.append(dir)
        raise FileNotFoundError(prefix)

    monkeypatch.setattr(tempfile, "mkdtemp", removed)

    assert spills.make(Layout(tmp_path)) is None
    assert len(tried) == 2 * spills.TRIES_MAX
