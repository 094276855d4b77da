"""A system that dies, or errs, at its n-th call: what kills and broken disks look like inside.

`Dying` stands for the operating system of a process that is killed at its n-th call: that
call and every later one does nothing, so no clean-up can help.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from store.files import durable

WATCHED = ("open", "write", "fsync", "link", "replace", "unlink", "mkdir")


class Killed(BaseException):
    """Not an Exception, so that nothing on the way catches it."""


class Dying:
    """`os`, until the n-th watched call; `n = None` only counts them."""

    def __init__(
        self, n: int | None, error: Callable[[], BaseException] = Killed, *, once: bool = False
    ) -> None:
        self.calls: list[str] = []
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
            number = len(self.calls)
            is_hit = number == self._n if self._once else number >= (self._n or number + 1)
            if is_hit:
                raise self._error()
            result = real(*args, **kwargs)
            if name == "open":
                self.fds.append(result)
            return result

        return call


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, dying_os: Dying) -> Iterator[Dying]:
    """Run the block on a dying system, then let go of its descriptors as a dead process does."""
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", dying_os)
        yield dying_os
    for fd in dying_os.fds:
        with contextlib.suppress(OSError):
            os.close(fd)
