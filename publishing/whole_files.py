"""Writes a small file so that its name only ever has all of its bytes, synced."""

import contextlib
from pathlib import Path

from store.errors import NoRoom
from store.files import durable
from store.files.layout import draft_path


def write(path: Path, content: bytes) -> None:
    """Make or replace a file; it is whole and durable once it has its name. NoRoom on a full disk."""
    draft = draft_path(path.parent, "published")
    try:
        fd = durable.create_locked(draft)
        try:
            durable.write_all(fd, content)
        finally:
            durable.close(fd)
        durable.replace(draft, path)
    except OSError as error:
        raise NoRoom(f"{path.name}: {error}") from error
    finally:
        with contextlib.suppress(OSError):
            durable.remove(draft, synced=False)
