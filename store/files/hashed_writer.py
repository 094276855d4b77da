"""A draft of a Parquet file, hashed while it is written, so that it can be read back and compared."""

import hashlib
import os
from pathlib import Path

from store.errors import DiskFailed
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.durable import READ_BYTES_AT_ONCE

# A part has hundreds of pages, some of a few bytes; they are collected to save calls.
BYTES_AT_ONCE = 2**20


class HashedWriter:
    """A file object for pyarrow. The caller closes it."""

    closed = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd = durable.create_locked(path)
        self._sha256 = hashlib.sha256()
        self._held = bytearray()
        self.bytes = 0

    def write(self, content: bytes) -> int:
        if self.closed:
            # The operating system may have given the descriptor to another file.
            raise ValueError("this draft is closed")
        self._held += content
        if len(self._held) >= BYTES_AT_ONCE:
            self._write_held()
        return len(content)

    def flush(self) -> None:
        """Does nothing: pyarrow calls it after every page. `verify` writes what is left."""

    def _write_held(self) -> None:
        durable.write_all(self._fd, self._held)
        self._sha256.update(self._held)
        self.bytes += len(self._held)
        self._held.clear()

    def verify(self) -> str:
        """Read everything back and return its SHA-256. Raises DiskFailed if it is not what was written."""
        self._write_held()
        found = hashlib.sha256()
        with disk_errors(f"reading {self._path.name} back"):
            os.lseek(self._fd, 0, os.SEEK_SET)
            while piece := os.read(self._fd, READ_BYTES_AT_ONCE):
                found.update(piece)
        if found.digest() != self._sha256.digest():
            raise DiskFailed(f"{self._path.name} reads back other bytes than were written")
        return found.hexdigest()

    def sync(self) -> None:
        durable.sync(self._fd, self._path.name)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            durable.close(self._fd)
