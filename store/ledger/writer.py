"""Appends entries to the newest file of the ledger.

One writer at a time: the caller holds the catalog's write lock. Nothing is promised before `sync`.
"""

import contextlib
import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from schema.errors import RaytrailError
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.layout import DRAFT_PREFIX, Layout, draft_path
from store.ledger.entry import Entry
from store.ledger.ledger_files import file_name
from store.ledger.line import encode
from store.ledger.tail import Tail

# A new file is begun past this size. Large against a line (a batch has 1,000 bytes), and small
# enough to be read or copied within a second.
FILE_BYTES_MAX = 64 * 1024 * 1024

# Lines that are collected before they are written: a store of an older version has many.
BYTES_AT_ONCE = 2**20


def begin(layout: Layout) -> Tail:
    """Make `ledger/` and its first file, both names durable."""
    durable.make_folder(layout.ledger)
    path = layout.ledger / file_name(1)
    durable.close(durable.open_appending(path))
    durable.sync_folder(layout.ledger)
    return Tail(path, 0, None)


def is_renewal_due(layout: Layout) -> bool:
    """Whether a sync of the newest file failed."""
    return _mark(layout).exists()


def renew(layout: Layout, tail: Tail) -> None:
    """Write the newest file anew and sync it, without what lies behind its last entry.

    After a failed sync the page cache has bytes that the disk may lack, and syncing them again
    would prove nothing.
    """
    for leftover in layout.ledger.glob(f"{DRAFT_PREFIX}*"):
        durable.remove(leftover, synced=False)
    draft = draft_path(layout.ledger, "ledger")
    fd = durable.create_locked(draft)
    try:
        with disk_errors(f"reading ledger/{tail.path.name}"):
            content = tail.path.read_bytes()
        durable.write_all(fd, content[: tail.bytes])
        durable.replace(draft, tail.path)
    finally:
        durable.close(fd)
        durable.remove(draft, synced=False)
    durable.remove(_mark(layout), synced=False)


def _mark(layout: Layout) -> Path:
    return layout.ledger / ".sync-failed"


class LedgerWriter(AbstractContextManager["LedgerWriter"]):
    """Writes behind `tail`; whatever lies behind it is cut off."""

    def __init__(self, layout: Layout, tail: Tail, file_bytes_max: int = FILE_BYTES_MAX) -> None:
        self._layout = layout
        self._file_bytes_max = file_bytes_max
        self._path = tail.path
        self._bytes = tail.bytes
        self._held = bytearray()
        self._fd = durable.open_appending(tail.path)
        try:
            _shorten(self._fd, tail.bytes)
        except BaseException:
            durable.close(self._fd)
            raise

    def append(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if self._bytes + len(self._held) >= self._file_bytes_max:
                self._begin_file(entry.sequence)
            self._held += encode(entry)
            if len(self._held) >= BYTES_AT_ONCE:
                self._write()
        self._write()

    def sync(self) -> None:
        """Sync the newest file; the others were synced when they were full."""
        try:
            durable.sync_data(self._fd, f"ledger/{self._path.name}")
        except RaytrailError:
            with contextlib.suppress(RaytrailError):
                durable.touch(_mark(self._layout))
            raise

    def close(self) -> None:
        durable.close(self._fd)

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self) -> None:
        durable.write_all(self._fd, self._held)
        self._bytes += len(self._held)
        self._held.clear()

    def _begin_file(self, first_sequence: int) -> None:
        self._write()
        self.sync()
        path = self._layout.ledger / file_name(first_sequence)
        following = durable.open_appending(path)
        durable.close(self._fd)
        self._fd, self._path, self._bytes = following, path, 0
        _shorten(self._fd, 0)
        durable.sync_folder(self._layout.ledger)


def _shorten(fd: int, length: int) -> None:
    """Cut off what a killed process left behind `length`; not synced."""
    with disk_errors("shortening a file of ledger/"):
        if os.fstat(fd).st_size != length:
            os.ftruncate(fd, length)
