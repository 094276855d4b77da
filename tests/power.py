"""A power cut: whatever no sync made safe is undone, as SQLite's and LazyFS' models do it.

`Power` stands for the operating system until its n-th call, like `Dying`, and remembers on
the way which names and bytes nobody synced. `cut` takes those away. The catalog does its own
syncs and is left as it is.
"""

import contextlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from tests.dying import Dying


class Loss(Enum):
    """What the cut takes: a file system may write names before bytes, or bytes before names."""

    NAMES = "names"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Unsynced:
    """A change of a folder, and how to take it back."""

    folder: Path
    take_back: Callable[[], None]


class Power(Dying):
    def __init__(self, n: int | None = None) -> None:
        super().__init__(n)
        self._changes: list[Unsynced] = []
        # The file behind each inode that was written to, and how much of it is safe.
        self._safe_bytes: dict[int, int] = {}
        self._paths: dict[int, Path] = {}

    def cut(self, loss: Loss) -> int:
        """Lose what was not synced; how many names and files that was."""
        if loss is Loss.BYTES:
            return sum(self._shorten(inode) for inode in self._safe_bytes)
        for change in reversed(self._changes):
            change.take_back()
        return len(self._changes)

    def _shorten(self, inode: int) -> bool:
        with contextlib.suppress(FileNotFoundError):
            path = self._name_of(inode)
            if path.stat().st_size > self._safe_bytes[inode]:
                os.truncate(path, self._safe_bytes[inode])
                return True
        return False

    def _name_of(self, inode: int) -> Path:
        """Any name of the file: the first may be gone."""
        for path in self._paths[inode].parent.iterdir():
            if path.stat().st_ino == inode:
                return path
        raise FileNotFoundError(self._paths[inode])

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        remember = getattr(self, f"_{name}")
        return super()._watched(name, lambda *args, **kwargs: remember(real, *args, **kwargs))

    def _open(self, real: Callable[..., int], path: Path, flags: int, *mode: int) -> int:
        is_new = bool(flags & os.O_CREAT) and not path.exists()
        fd = real(path, flags, *mode)
        if is_new:
            self._changed(path.parent, lambda: path.unlink(missing_ok=True))
        if flags & (os.O_WRONLY | os.O_RDWR):
            inode = os.fstat(fd).st_ino
            # A number may have been another file's, long gone.
            self._safe_bytes[inode] = 0 if is_new else self._safe_bytes.get(inode, 0)
            self._paths[inode] = path
        return fd

    def _write(self, real: Callable[..., int], fd: int, content: bytes) -> int:
        return real(fd, content)

    def _fsync(self, real: Callable[..., None], fd: int) -> None:
        real(fd)
        found = os.fstat(fd)
        if found.st_ino in self._safe_bytes:
            self._safe_bytes[found.st_ino] = found.st_size
        folder = Path(f"/proc/self/fd/{fd}").readlink()
        self._changes = [change for change in self._changes if change.folder != folder]

    def _fdatasync(self, real: Callable[..., None], fd: int) -> None:
        self._fsync(real, fd)

    def _link(self, real: Callable[..., None], source: Path, target: Path) -> None:
        real(source, target)
        self._changed(target.parent, lambda: target.unlink(missing_ok=True))

    def _unlink(self, real: Callable[..., None], path: Path) -> None:
        content, inode = path.read_bytes(), path.stat().st_ino
        real(path)
        self._changed(path.parent, lambda: _bring_back(path, content, inode))

    def _replace(self, real: Callable[..., None], draft: Path, target: Path) -> None:
        before = target.read_bytes() if target.exists() else None
        real(draft, target)

        def take_back() -> None:
            target.rename(draft)
            if before is not None:
                target.write_bytes(before)

        self._changed(target.parent, take_back)

    def _mkdir(self, real: Callable[..., None], folder: Path, mode: int) -> None:
        real(folder, mode=mode)
        # With its own name everything below goes, however well that was synced.
        self._changed(folder.parent, lambda: shutil.rmtree(folder, ignore_errors=True))

    def _changed(self, folder: Path, take_back: Callable[[], None]) -> None:
        self._changes.append(Unsynced(folder.resolve(), take_back))


def _bring_back(path: Path, content: bytes, inode: int) -> None:
    """The same file again, if it has another name, else one like it."""
    for other in path.parent.iterdir():
        if other.stat().st_ino == inode:
            os.link(other, path)
            return
    path.write_bytes(content)
