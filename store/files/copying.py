"""Copies files from one folder to another, hashes them on the way and shows them only when whole."""

import hashlib
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from store.errors import StoreDamaged
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.expected_file import ExpectedFile
from store.files.layout import draft_path
from store.files.trouble import reading

# A disk that lost a folder has thousands of damaged files; a person reads a few names.
NAMES_SHOWN = 20


class Copying:
    """Copies from one root to another, under the same paths. Drafts lie in the target's root."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        # Folders whose names this run has synced.
        self._made: set[Path] = set()

    def take(self, wanted: ExpectedFile) -> None:
        """Copy the file durably, replacing any file of its name.

        Raises StoreDamaged, and copies nothing, if the source does not have the expected bytes.
        """
        target = self._target / wanted.path
        draft = draft_path(self._target, "copy")
        fd = durable.create_locked(draft)
        try:
            if copy_into(self._source, wanted.path, fd) != wanted.sha256:
                raise StoreDamaged(f"{wanted.path}: its SHA-256 is not that in the catalog")
            self._make_folder(target.parent)
            durable.replace(draft, target)
        finally:
            durable.close(fd)
            durable.remove(draft, synced=False)

    def _make_folder(self, folder: Path) -> None:
        """Make and sync a folder, even an existing one: a killed run may not have synced its name."""
        if folder not in self._made and folder != self._target:
            self._make_folder(folder.parent)
            durable.make_folder(folder)
            self._made.add(folder)


def copy_into(root: Path, path: str, fd: int) -> str:
    """Write the whole file into an open draft; return the SHA-256 of what was read."""
    found = hashlib.sha256()
    for piece in _pieces(root, path):
        found.update(piece)
        durable.write_all(fd, piece)
    return found.hexdigest()


def sha256_of(root: Path, path: str) -> str:
    """Raises StoreDamaged if the file is missing or cannot be read."""
    found = hashlib.sha256()
    for piece in _pieces(root, path):
        found.update(piece)
    return found.hexdigest()


def has_sha256(root: Path, path: str, sha256: str) -> bool:
    """False also if the file is missing or cannot be read."""
    try:
        return sha256_of(root, path) == sha256
    except StoreDamaged:
        return False


def is_what_its_name_says(root: Path, path: str) -> bool:
    """Whether a raw body has the SHA-256 that it is named after."""
    return has_sha256(root, path, PurePosixPath(path).stem)


def size_of(path: Path) -> int | None:
    """None if there is no regular file."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def is_whole(root: Path, wanted: ExpectedFile) -> bool:
    """Whether the file exists, can be read and has the expected bytes."""
    return size_of(root / wanted.path) == wanted.bytes and has_sha256(
        root, wanted.path, wanted.sha256
    )


def damage(reasons: Iterable[str]) -> StoreDamaged:
    """One error that names what is wrong with each of several files."""
    all_reasons = list(reasons)
    more = (
        f"; and {len(all_reasons) - NAMES_SHOWN:,} more" if len(all_reasons) > NAMES_SHOWN else ""
    )
    return StoreDamaged("; ".join(all_reasons[:NAMES_SHOWN]) + more)


def _pieces(root: Path, path: str) -> Iterator[bytes]:
    with reading(path), (root / path).open("rb") as file:
        while piece := file.read(READ_BYTES_AT_ONCE):
            yield piece
