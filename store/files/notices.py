"""Notices: a process of a service tells the others what it cannot get on with.

They lie outside the data folder, in the service's own folder in memory, because they are needed
most when nothing can be written to the data folder. The file of `.serve.lock` names that folder.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schema.errors import RaytrailError
from store.files import durable
from store.files.layout import Layout

SUFFIX = ".notice"
# Held by the service while it runs; notices of a killed one do not count.
ALIVE = ".alive"

# An error may quote pages of text; a person reads one sentence.
TEXT_CHARACTERS_MAX = 300


@dataclass(frozen=True, slots=True)
class Notices:
    """At most one notice for each name; without a folder, notices are dropped.

    A notice that cannot be written is dropped too, because work goes on without it.
    """

    folder: Path | None = None

    def put(self, name: str, text: str) -> None:
        """Say what `name` cannot get on with, until it is cleared."""
        line = " ".join(text.split())[:TEXT_CHARACTERS_MAX]
        if self.folder is not None and self._text(name) != line:
            with contextlib.suppress(OSError):
                self._path(self.folder, name).write_text(line, encoding="utf-8")

    def clear(self, name: str) -> None:
        if self.folder is not None:
            with contextlib.suppress(RaytrailError):
                durable.remove(self._path(self.folder, name), synced=False)

    def read(self) -> dict[str, str]:
        """Every notice by its name. The text is empty for a moment while it is written."""
        if self.folder is None:
            return {}
        with contextlib.suppress(OSError):
            names = sorted(path.stem for path in self.folder.glob(f"*{SUFFIX}"))
            return {name: text for name in names if (text := self._text(name)) is not None}
        return {}

    def _text(self, name: str) -> str | None:
        if self.folder is None:
            return None
        try:
            return self._path(self.folder, name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    @staticmethod
    def _path(folder: Path, name: str) -> Path:
        return folder / f"{name}{SUFFIX}"


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
        if folder.is_absolute() and durable.is_locked(folder / ALIVE):
            return Notices(folder)
    return Notices()
