"""Why a file of the store cannot be read, and what a person can do about it.

A file without permission, or met while too many files are open, is not damaged: nothing is recorded
of it, and nothing is made again.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from store.errors import FileUnreadable, NoRoom, StoreDamaged
from store.files.durable import READ_BYTES_AT_ONCE
from store.files.expected_file import ExpectedFile

_MISSING = {errno.ENOENT, errno.ENOTDIR}
_NO_PERMISSION = {errno.EACCES, errno.EPERM}
# The machine or the process is short of something; the file itself may be whole.
_PASSING = {
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EAGAIN,
    errno.EINTR,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


class TroubleKind(StrEnum):
    """For scripts and the catalog: these words do not change."""

    MISSING = "missing"
    DAMAGED = "damaged"
    NO_PERMISSION = "no_permission"
    PASSING = "passing"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one file cannot be read; `reason` completes the sentence `<path> ...`.

    `helps` says what to do about trouble that is no damage.
    """

    kind: TroubleKind
    reason: str
    helps: str = ""

    @property
    def is_damage(self) -> bool:
        """Whether the bytes are lost here, so that only another copy or the raw bodies help."""
        return self.kind in {TroubleKind.MISSING, TroubleKind.DAMAGED}

    @classmethod
    def of(cls, error: OSError) -> "Trouble":
        """An error of the operating system; an unknown one, such as a failed read, is damage."""
        told = error.strerror or str(error)
        if error.errno in _MISSING:
            return MISSING
        if error.errno in _NO_PERMISSION:
            return NOT_PERMITTED
        if error.errno in _PASSING:
            return cls(TroubleKind.PASSING, f"cannot be read now ({told})", _TRY_AGAIN)
        return cls(TroubleKind.DAMAGED, f"cannot be read ({told})")


_TRY_AGAIN = "try again; if it happens again, raise the limit of open files or of memory"

MISSING = Trouble(TroubleKind.MISSING, "is missing")
NOT_PERMITTED = Trouble(
    TroubleKind.NO_PERMISSION,
    "may not be read by this user",
    "give the user that runs Raytrail permission to read it",
)
NOT_A_FILE = Trouble(TroubleKind.DAMAGED, "is not a regular file")
CHANGED = Trouble(TroubleKind.DAMAGED, "has other bytes than were written")


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn errors of the operating system about one file into errors that name it.

    Work on other files can go on, except after NoRoom: then the process is short of something.
    """
    try:
        yield
    except OSError as error:
        found = Trouble.of(error)
        if found.kind is TroubleKind.PASSING:
            raise NoRoom(f"{name} {found.reason}: {found.helps}") from error
        if found.kind is TroubleKind.NO_PERMISSION:
            raise FileUnreadable(f"{name} {found.reason}: {found.helps}") from error
        raise StoreDamaged(f"{name} {found.reason}") from error


def trouble_of(
    root: Path, wanted: ExpectedFile, on_read: Callable[[int], None] = lambda _bytes: None
) -> Trouble | None:
    """Read the whole file against its hash; None if it is whole.

    `on_read` is called with the number of bytes after each read, and may block or raise.
    """
    found = size_trouble(root, wanted)
    if found is not None:
        return found
    digest = hashlib.sha256()
    try:
        with (root / wanted.path).open("rb") as file:
            while piece := file.read(READ_BYTES_AT_ONCE):
                digest.update(piece)
                on_read(len(piece))
    except OSError as error:
        return Trouble.of(error)
    return None if digest.hexdigest() == wanted.sha256 else CHANGED


def size_trouble(root: Path, wanted: ExpectedFile) -> Trouble | None:
    """What the name and the size of a file show, without reading it."""
    return size_trouble_at(root / wanted.path, wanted)


def size_trouble_at(path: Path, wanted: ExpectedFile) -> Trouble | None:
    try:
        found = os.lstat(path)
    except OSError as error:
        return Trouble.of(error)
    if not stat.S_ISREG(found.st_mode):
        return NOT_A_FILE
    if found.st_size != wanted.bytes:
        reason = f"has {found.st_size:,} bytes instead of {wanted.bytes:,}"
        return Trouble(TroubleKind.DAMAGED, reason)
    return None
