"""Notices: a process of a service tells the others what it cannot get on with.

A process also promises to report again within some time, so that one that hangs is noticed too.
Both lie outside the data folder, in the service's own folder in memory, because they are needed
most when nothing can be written to the data folder. The file of `.serve.lock` names that folder.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schema.errors import RaytrailError
from store.files import durable
from store.files.layout import Layout

SUFFIX = ".notice"
PROMISE_SUFFIX = ".promise"
# Held by the service while it runs; notices of a killed one do not count.
ALIVE = ".alive"

# An error may quote pages of text; a person reads one sentence.
TEXT_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Notices:
    """At most one notice and one promise for each name; without a folder, all are dropped.

    What cannot be written is dropped too, because work goes on without it. `now` is a clock that
    all processes of a machine share and nobody sets.
    """

    folder: Path | None = None
    now: Callable[[], float] = time.monotonic

    def put(self, name: str, text: str) -> None:
        """Say what `name` cannot get on with, until it is cleared."""
        line = " ".join(text.split())[:TEXT_CHARACTERS_MAX]
        if self._text(f"{name}{SUFFIX}") != line:
            self._write(f"{name}{SUFFIX}", line)

    def clear(self, name: str) -> None:
        if self.folder is not None:
            with contextlib.suppress(RaytrailError):
                durable.remove(self.folder / f"{name}{SUFFIX}", synced=False)

    def promise(self, name: str, who: str, seconds: float) -> None:
        """Say that `who` will promise again, or end, within so many seconds."""
        self._write(f"{name}{PROMISE_SUFFIX}", f"{self.now() + seconds} {seconds} {who}")

    def read(self) -> dict[str, str]:
        """Every notice and broken promise by its name; a notice counts before a promise.

        A text is empty for a moment while it is written.
        """
        found = dict(self._broken())
        found |= {
            name: text
            for name in self._names(SUFFIX)
            if (text := self._text(f"{name}{SUFFIX}")) is not None
        }
        return dict(sorted(found.items()))

    def _broken(self) -> Iterator[tuple[str, str]]:
        for name in self._names(PROMISE_SUFFIX):
            due_at, _, rest = (self._text(f"{name}{PROMISE_SUFFIX}") or "").partition(" ")
            seconds, _, who = rest.partition(" ")
            if who and self.now() > float(due_at):
                minutes = float(seconds) / 60
                yield name, f"{who} has not reported for more than {minutes:.0f} minutes"

    def _names(self, suffix: str) -> list[str]:
        if self.folder is None:
            return []
        try:
            return [path.stem for path in self.folder.iterdir() if path.suffix == suffix]
        except OSError:
            return []

    def _write(self, file: str, text: str) -> None:
        if self.folder is not None:
            with contextlib.suppress(OSError):
                (self.folder / file).write_text(text, encoding="utf-8")

    def _text(self, file: str) -> str | None:
        if self.folder is None:
            return None
        try:
            return (self.folder / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None


@contextmanager
def announced(layout: Layout, folder: Path) -> Iterator[Notices]:
    """Make `folder` the place of notices of the service on this store. The caller holds its lock."""
    with durable.lock(folder / ALIVE):
        # On a full disk commands do not find the notices, but the service itself does.
        with contextlib.suppress(OSError):
            layout.serve_lock.write_bytes(os.fsencode(folder))
        yield Notices(folder)


def of_service(layout: Layout) -> Notices:
    """The notices of the service that runs on this store; none if no service runs."""
    with contextlib.suppress(OSError, ValueError):
        folder = Path(os.fsdecode(layout.serve_lock.read_bytes()))
        is_alive = folder.is_absolute() and durable.is_locked(folder / ALIVE)
        # The file of a copied data folder names the original's service, which does not lock it.
        if is_alive and durable.is_locked(layout.serve_lock):
            return Notices(folder)
    return Notices()
