"""Files on their way from one folder to another: hashed while they are copied, then shown whole."""

import hashlib
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from store.errors import StoreDamaged
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.expected_file import ExpectedFile
from store.files.layout import draft_path

# A disk that lost a folder has thousands of them; a person reads a few.
NAMES_SHOWN = 20


class Copying:
    """From one root to another, under the same paths. Drafts lie in the root of the target."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        # Folders whose own names this run knows to be on disk.
        self._made: set[Path] = set()

    def take(self, wanted: ExpectedFile) -> None:
        """Have the file in the target, durably, in the place of any other of its name.

        StoreDamaged, and nothing there, if the source has not these bytes.
        """
        target = self._target / wanted.path
        draft = draft_path(self._target, "copy")
        fd = durable.create_locked(draft)
        try:
            if pour(self._source, wanted.path, fd) != wanted.sha256:
                raise StoreDamaged(f"{wanted.path}: its SHA-256 is not that in the catalog")
            self._make_folder(target.parent)
            durable.replace(draft, target)
        finally:
            durable.close(fd)
            durable.remove(draft, synced=False)

    def _make_folder(self, folder: Path) -> None:
        """A run that was killed may have made it and not come so far as to sync its name."""
        if folder not in self._made and folder != self._target:
            self._make_folder(folder.parent)
            durable.make_folder(folder)
            self._made.add(folder)


def pour(root: Path, path: str, fd: int) -> str:
    """Write the whole file into an open draft; the SHA-256 of what was read."""
    found = hashlib.sha256()
    for piece in _pieces(root, path):
        found.update(piece)
        durable.write_all(fd, piece)
    return found.hexdigest()


def sha256_of(root: Path, path: str) -> str:
    """StoreDamaged if it is not there or cannot be read."""
    found = hashlib.sha256()
    for piece in _pieces(root, path):
        found.update(piece)
    return found.hexdigest()


def size_of(path: Path) -> int | None:
    """None where there is no plain file."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def is_whole(root: Path, wanted: ExpectedFile) -> bool:
    """Whether the file is there, can be read, and has the bytes that the catalog says."""
    if size_of(root / wanted.path) != wanted.bytes:
        return False
    try:
        return sha256_of(root, wanted.path) == wanted.sha256
    except StoreDamaged:
        return False


def damage(reasons: Iterable[str]) -> StoreDamaged:
    """One error that names what is wrong with each of several files."""
    told = list(reasons)
    more = f"; and {len(told) - NAMES_SHOWN:,} more" if len(told) > NAMES_SHOWN else ""
    return StoreDamaged("; ".join(told[:NAMES_SHOWN]) + more)


def _pieces(root: Path, path: str) -> Iterator[bytes]:
    try:
        with (root / path).open("rb") as file:
            while piece := file.read(READ_BYTES_AT_ONCE):
                yield piece
    except (FileNotFoundError, NotADirectoryError) as error:
        raise StoreDamaged(f"{path}: missing") from error
    except OSError as error:
        raise StoreDamaged(f"{path}: cannot be read: {error.strerror}") from error
