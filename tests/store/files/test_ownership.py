"""What root makes belongs to the owner of its folder, and another user makes files of its own."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.errors import StoreUnavailable
from store.files import durable
from tests.store.files.somebody import SOMEBODY, acting_as_somebody, for_root

# No account of any machine has this number.
UNNAMED = 2_111_222_333

pytestmark = for_root


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach, as those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, SOMEBODY, SOMEBODY)
        yield Path(name)


def test_what_a_user_makes_stays_its_own(folder: Path) -> None:
    os.chown(folder, UNNAMED, SOMEBODY)
    folder.chmod(0o777)
    with acting_as_somebody():
        durable.touch(folder / "flag")
        durable.make_folder(folder / "made")

    assert {path.stat().st_uid for path in folder.iterdir()} == {SOMEBODY}


def test_a_user_goes_on_with_a_file_of_roots_that_it_may_write(folder: Path) -> None:
    lock = folder / "lock"
    lock.write_bytes(b"")
    lock.chmod(0o666)

    with acting_as_somebody(), durable.lock(lock) as has_lock:
        assert has_lock

    assert lock.stat().st_uid == 0


def test_what_root_makes_belongs_to_the_owner_of_its_folder(folder: Path) -> None:
    durable.touch(folder / "flag")
    durable.make_folder(folder / "made")

    assert {path.stat().st_uid for path in folder.iterdir()} == {SOMEBODY}


def test_without_the_right_to_give_files_away_root_is_told_the_number_of_a_user_without_a_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No catalog of root's lies above, so root is not the user of this store."""

    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    os.chown(folder, UNNAMED, UNNAMED)
    monkeypatch.setattr("store.files.ownership.os.fchown", refused)

    with pytest.raises(StoreUnavailable, match=f"run this as user {UNNAMED}"):
        durable.touch(folder / "flag")

    assert list(folder.iterdir()) == []
