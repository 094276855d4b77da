"""Ingest tokens that were made here: one a line in the file `tokens`, which only its owner reads.

The file is in no backup: whoever restores a store elsewhere runs `raytrail setup` there.
"""

import os
from pathlib import Path

from store.files import durable
from store.files.layout import Layout, draft_path

LABEL = "tokens"
MODE = 0o600

# What is made here has 43 letters. A shorter line is torn or was typed, and can be guessed.
LETTERS_MIN = 32

# Tells two versions of the file apart: each is a file of its own, put in the other's place.
Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Costs no more than a look at the folder; None while there is no file."""
    with durable.disk_errors(f"looking for {path.name}"):
        try:
            found = path.stat()
        except FileNotFoundError:
            return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def read(path: Path) -> tuple[str, ...]:
    """The tokens, the newest last; none where there is no file."""
    with durable.disk_errors(f"reading {path.name}"):
        try:
            text = path.read_bytes().decode("ascii", "replace")
        except FileNotFoundError:
            return ()
    return tuple(word for word in text.split() if len(word) >= LETTERS_MIN and word.isascii())


def add(layout: Layout, token: str) -> None:
    """Put a new token behind those that are there; durable, and whole for every reader."""
    lines = "".join(f"{each}\n" for each in (*read(layout.tokens), token))
    draft = draft_path(layout.root, LABEL)
    fd = durable.create_locked(draft, MODE)
    try:
        durable.write_all(fd, lines.encode("ascii"))
        durable.replace(draft, layout.tokens)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
