"""An operating system that fails at its n-th call, as a kill or a broken disk looks from inside.

With `Killed`, that call and every later one does nothing: no clean-up can run after a kill.
"""

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from store.files import durable

WATCHED = ("open", "write", "fsync", "fdatasync", "link", "replace", "unlink", "mkdir")
ROOT = str(Path(__file__).parents[1])
NOT_THE_PRODUCT = (str(Path(__file__).parent), f"{ROOT}/.venv")

# A call, and the lines of the product that led to it.
Place: TypeAlias = str


class Killed(BaseException):
    """Not an Exception: no handler of the product may catch it."""


class Dying:
    """`os` until the n-th watched call; `n = None` only counts the calls."""

    def __init__(
        self, n: int | None, error: Callable[[], BaseException] = Killed, *, once: bool = False
    ) -> None:
        self.calls: list[str] = []
        self.places: list[Place] = []
        self.hit: Place | None = None
        self.fds: list[int] = []
        self._n = n
        self._error = error
        self._once = once

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        if name == "close":
            return self._close
        return self._watched(name, real) if name in WATCHED else real

    def _close(self, fd: int) -> None:
        if fd in self.fds:
            self.fds.remove(fd)
        os.close(fd)

    def _watched(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            self.places.append(_place(name))
            number = len(self.calls)
            if number == self._n:
                self.hit = self.places[-1]
            is_dead = number == self._n if self._once else self.hit is not None
            if is_dead:
                raise self._error()
            result = real(*args, **kwargs)
            if name == "open":
                self.fds.append(result)
            return result

        return call


def _place(call: str) -> Place:
    lines, frame = [call], sys._getframe(2)
    while frame.f_back:
        file = frame.f_code.co_filename
        if file.startswith(ROOT) and not file.startswith(NOT_THE_PRODUCT):
            lines.append(f"{file.removeprefix(ROOT)}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(lines)


def state_of(folder: Path) -> Hashable:
    """What a kill left there: after two kills that left the same, the same follows. Many calls, such
    as `fsync`, change nothing that a later process can see.
    """
    return tuple(
        (path.relative_to(folder), _content_of(path), path.lstat().st_mode)
        for path in sorted(folder.rglob("*"))
    )


def _content_of(path: Path) -> str:
    if path.is_symlink():
        return str(path.readlink())
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, dying_os: Dying) -> Iterator[Dying]:
    """Run the block on a dying system, then close its descriptors, as the end of a process does."""
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", dying_os)
        yield dying_os
    for fd in dying_os.fds:
        with contextlib.suppress(OSError):
            os.close(fd)
