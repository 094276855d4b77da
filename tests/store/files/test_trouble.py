"""A file that is lost is told from one that is whole and cannot be read now."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from store.errors import FileUnreadable, NoRoom, StoreDamaged
from store.files import trouble
from store.files.expected_file import ExpectedFile
from store.files.trouble import CHANGED, MISSING, NOT_A_FILE, Trouble, TroubleKind

BYTES = b"the bytes of a part" * 1_000
WANTED = ExpectedFile("parts/a.parquet", hashlib.sha256(BYTES).hexdigest(), len(BYTES), 3)


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / WANTED.path
    path.parent.mkdir()
    path.write_bytes(BYTES)
    return path


def test_a_whole_file_has_no_trouble_and_every_byte_is_read(part: Path) -> None:
    read: list[int] = []

    assert trouble.trouble_of(part.parents[1], WANTED, read.append) is None
    assert sum(read) == len(BYTES)


def test_a_missing_file_and_a_missing_folder_are_damage(part: Path) -> None:
    part.unlink()
    assert trouble.trouble_of(part.parents[1], WANTED) == MISSING

    part.parent.rmdir()
    assert trouble.trouble_of(part.parents[1], WANTED) == MISSING
    assert MISSING.is_damage


def test_a_cut_file_is_damage_and_its_size_is_told(part: Path) -> None:
    part.write_bytes(BYTES[:-100])

    found = trouble.trouble_of(part.parents[1], WANTED)

    assert found == trouble.size_trouble(part.parents[1], WANTED)
    assert found == Trouble(TroubleKind.DAMAGED, "has 18,900 bytes instead of 19,000")


def test_other_bytes_of_the_same_size_are_damage_that_only_reading_shows(part: Path) -> None:
    part.write_bytes(bytes(len(BYTES)))

    assert trouble.size_trouble(part.parents[1], WANTED) is None
    assert trouble.trouble_of(part.parents[1], WANTED) == CHANGED


def test_a_link_or_a_folder_in_the_place_of_a_part_is_damage(part: Path) -> None:
    part.rename(part.with_name("elsewhere"))
    part.symlink_to(part.with_name("elsewhere"))
    assert trouble.trouble_of(part.parents[1], WANTED) == NOT_A_FILE

    part.unlink()
    part.mkdir()
    assert trouble.trouble_of(part.parents[1], WANTED) == NOT_A_FILE


@pytest.mark.parametrize(
    ("number", "kind", "told"),
    [
        (errno.EACCES, TroubleKind.NO_PERMISSION, "permission to read it"),
        (errno.EPERM, TroubleKind.NO_PERMISSION, "permission to read it"),
        (errno.EMFILE, TroubleKind.PASSING, "try again"),
        (errno.ENFILE, TroubleKind.PASSING, "raise the limit of open files"),
        (errno.EIO, TroubleKind.DAMAGED, "cannot be read"),
        (errno.ENOENT, TroubleKind.MISSING, "is missing"),
    ],
)
def test_an_error_of_the_system_is_damage_only_when_the_bytes_are_lost(
    number: int, kind: TroubleKind, told: str, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(number, "as the system says")

    monkeypatch.setattr(Path, "open", refused)

    found = trouble.trouble_of(part.parents[1], WANTED)

    assert found is not None
    assert found.kind is kind
    assert told in f"{found.reason}: {found.helps}"
    assert found.is_damage == (kind in {TroubleKind.MISSING, TroubleKind.DAMAGED})


@pytest.mark.parametrize(
    ("number", "expected", "told"),
    [
        (errno.EMFILE, NoRoom, r"a\.parquet cannot be read now .*: try again"),
        (errno.EACCES, FileUnreadable, r"a\.parquet may not be read .*: give the user"),
        (errno.EIO, StoreDamaged, r"a\.parquet cannot be read "),
        (errno.ENOENT, StoreDamaged, r"a\.parquet is missing"),
    ],
)
def test_only_a_lack_of_the_machine_stops_the_reading_of_other_files(
    number: int, expected: type[Exception], told: str
) -> None:
    with pytest.raises(expected, match=told), trouble.reading("a.parquet"):
        raise OSError(number, os.strerror(number))
