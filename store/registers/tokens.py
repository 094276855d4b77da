"""Ingest tokens that `raytrail setup` made, one a line in a file that only its owner can read.

No backup contains the file: after a restore elsewhere, run `raytrail setup` there.
"""

import os
from pathlib import Path

from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.layout import Layout, draft_path

LABEL = "tokens"
MODE = 0o600

# Tokens made here have 43 characters. A shorter line is torn or typed by hand, and easy to guess.
CHARACTERS_MIN = 32

# Identifies a version of the file; a new version is a new file with the same name.
Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Identify the current version by one `stat`; None if there is no file."""
    with disk_errors(f"looking for {path.name}"):
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read(path: Path) -> tuple[str, ...]:
    """The tokens, the newest last; none if there is no file."""
    with disk_errors(f"reading {path.name}"):
        try:
            text = path.read_bytes().decode("ascii", "replace")
        except FileNotFoundError:
            return ()
    return tuple(word for word in text.split() if len(word) >= CHARACTERS_MIN and word.isascii())


def add(layout: Layout, token: str) -> None:
    """Append a token, durably and atomically for readers."""
    lines = "".join(f"{each}\n" for each in (*read(layout.tokens), token))
    draft = draft_path(layout.root, LABEL)
    fd = durable.create_locked(draft, MODE)
    try:
        durable.write_all(fd, lines.encode("ascii"))
        durable.replace(draft, layout.tokens)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
