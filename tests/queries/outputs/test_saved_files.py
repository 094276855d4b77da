"""Files for people: harmless names, and never half of one."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.outputs.saved_files import file_stem, period_stem, save
from queries.period import Calendar, parse_period
from queries.time_zone import time_zone
from store.errors import NoRoom, StoreUnavailable


def test_a_readable_name_stays_readable() -> None:
    assert file_stem("Stephanie.Rhea@widgetcorp.example").startswith(
        "stephanie-rhea-widgetcorp-example-"
    )


def test_the_start_of_a_long_name_stays_readable() -> None:
    assert file_stem("a" * 59 + "b" + "c" * 100).startswith("a" * 59 + "b-")


@pytest.mark.parametrize("user", ["../x", "/etc/passwd", "", "..", "a\x00b", "-rf", "x" * 10_000])
def test_a_hostile_name_becomes_a_plain_file_name(tmp_path: Path, user: str) -> None:
    path = tmp_path / f"{file_stem(user)}.html"

    save(path, [b"x"])

    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@given(st.text(st.characters(codec=None)), st.text())
def test_a_file_name_is_short_plain_and_unique_to_its_user(user: str, other: str) -> None:
    stem = file_stem(user)

    assert len(stem) < 80
    assert set(stem) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not stem.startswith("-")
    assert (stem == file_stem(other)) == (user == other)


@pytest.mark.parametrize(
    ("since", "until", "stem"),
    [
        ("", "", "everything"),
        ("2026-11-18", "2026-11-18", "2026-11-18"),
        ("2026-W47", "2026-W47", "2026-11-16-to-2026-11-22"),
        ("2026-11-18", "", "2026-11-18-to-now"),
        ("", "2026-11-18", "begin-to-2026-11-18"),
        ("2026-11-18T08:30:00Z", "2026-11-18", "2026-11-18t083000z-to-2026-11-18"),
        ("0001-01-01", "9999-12-31", None),
    ],
)
def test_a_file_name_carries_the_period(since: str, until: str, stem: str | None) -> None:
    zone = time_zone("Europe/Prague")

    told = period_stem(parse_period(since, until, Calendar(zone)), zone)

    assert stem in {None, told}
    assert set(told) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_saved_file_replaces_the_old_one_and_is_readable_by_its_owner_only(
    tmp_path: Path,
) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    save(path, [b"new ", b"file"])

    assert path.read_bytes() == b"new file"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_while_saving_keeps_the_old_file_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    def pieces() -> Iterator[bytes]:
        yield b"x" * 1_000_000
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        save(path, pieces())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_keeps_the_old_file_and_leaves_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(b"old")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoRoom, match="No space left"):
        save(path, [b"new"])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        save(tmp_path / "nowhere" / "report.csv", [b"x"])
