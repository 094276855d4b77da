"""No verb of the disk loses a file descriptor, whether it succeeds or fails."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from store.errors import DiskFailed, NoRoom
from store.files import durable


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def create(folder: Path) -> None:
    os.close(durable.create_locked(folder / "new"))


def hold(folder: Path) -> None:
    with durable.lock(folder / "file") as first, durable.lock(folder / "file") as second:
        assert (first, second) == (True, False)
        assert durable.is_locked(folder / "file")


VERBS: dict[str, Callable[[Path], object]] = {
    "create_locked": create,
    "touch": lambda folder: durable.touch(folder / "new"),
    "sync_folder": durable.sync_folder,
    "make_folder": lambda folder: durable.make_folder(folder / "new"),
    "make_folders": lambda folder: durable.make_folders(folder / "a" / "b"),
    "link": lambda folder: durable.link(folder / "file", folder / "new"),
    "link to a taken name": lambda folder: durable.link(folder / "file", folder / "other"),
    "replace": lambda folder: durable.replace(folder / "file", folder / "other"),
    "remove": lambda folder: durable.remove(folder / "file"),
    "lock": hold,
    "is_locked": lambda folder: durable.is_locked(folder / "file"),
}


@pytest.mark.parametrize("failing", [None, "fsync", "link", "replace", "unlink", "mkdir"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_closes_what_it_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: str, failing: str | None
) -> None:
    for name in ("file", "other"):
        (tmp_path / name).write_bytes(b"x")

    def fail(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    if failing:
        monkeypatch.setattr(os, failing, fail)
    before = descriptors()

    with contextlib.suppress(DiskFailed):
        VERBS[verb](tmp_path)

    assert descriptors() == before


def test_a_refused_lock_leaves_no_descriptor_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    before = descriptors()

    with pytest.raises(NoRoom, match="No locks available"):
        durable.create_locked(tmp_path / "new")

    assert descriptors() == before
