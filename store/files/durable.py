"""The only place that syncs, links, renames and unlinks. Each verb says what is atomic.

A name that was linked or replaced is on disk, and so is the folder that holds it, once
the verb returns. A failed sync raises DiskFailed and is never tried again on the same
data. A full disk raises NoRoom. Every call goes through `os`, so that a test can watch the
order of the calls and break any of them.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from store.errors import DiskFailed, NoRoom, StoreUnavailable

FOLDER_MODE = 0o750
FILE_MODE = 0o640

# One read of a whole file: small beside any memory, large beside the cost of a call.
READ_BYTES_AT_ONCE = 256 * 1024

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOLCK}
_OUT_OF_REACH = {errno.ENOENT, errno.ENOTDIR, errno.EROFS, errno.EACCES, errno.EPERM}


@contextlib.contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Turn the errors an operating system gives into those an operator can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in _OUT_OF_REACH:
            raise StoreUnavailable(f"{what}: {error.strerror}") from error
        if error.errno in _FULL:
            raise NoRoom(f"{what}: {error.strerror}") from error
        raise DiskFailed(f"{what}: {error.strerror}") from error


def create_locked(path: Path, mode: int = FILE_MODE) -> int:
    """Create `path`, which must not exist, and hold its lock; return the descriptor.

    The lock tells a sweeper that somebody is still writing. It goes when the process goes.
    """
    with disk_errors(f"creating {path.name}"):
        while True:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            # A sweeper may hold it for a moment, having found it without a lock: wait, and
            # begin again if it was swept. Nothing was in it.
            fcntl.flock(fd, fcntl.LOCK_EX)
            if os.fstat(fd).st_nlink:
                return fd
            os.close(fd)


def mark(path: Path) -> None:
    """Make an empty file that says something by being there, to other processes of today."""
    with disk_errors(f"making {path.name}"):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))


def write_all(fd: int, content: bytes | bytearray | memoryview) -> None:
    """Write every byte, however short the single writes come out."""
    rest = memoryview(content)
    with disk_errors("writing"):
        while rest:
            rest = rest[os.write(fd, rest) :]


def close(fd: int) -> None:
    os.close(fd)


def sync(fd: int, what: str) -> None:
    with disk_errors(f"syncing {what}"):
        os.fsync(fd)


def sync_folder(folder: Path) -> None:
    with disk_errors(f"syncing folder {folder.name}"):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def make_folder(folder: Path) -> None:
    """Make one folder in a parent that must exist, and make its name durable.

    Who finds it made by another syncs its name too: the other may not have come so far.
    """
    with disk_errors(f"making folder {folder.name}"), contextlib.suppress(FileExistsError):
        os.mkdir(folder, mode=FOLDER_MODE)
    sync_folder(folder.parent)


def make_folders(folder: Path) -> None:
    """Make a folder and every parent it lacks, each name durable."""
    if not folder.parent.exists():
        make_folders(folder.parent)
    make_folder(folder)


def link(source: Path, target: Path) -> bool:
    """Give the synced file `source` a second, durable name; False if that name was taken.

    Never replaces. The loser of a race syncs the folder too, so it may also say "stored".
    """
    with disk_errors(f"linking {target.name}"):
        try:
            os.link(source, target)
            made = True
        except FileExistsError:
            made = False
    sync_folder(target.parent)
    return made


def replace(draft: Path, target: Path) -> None:
    """Put a finished file in the place of `target`, whole, for every later reader."""
    with disk_errors(f"opening {draft.name}"):
        fd = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        sync(fd, draft.name)
    finally:
        os.close(fd)
    with disk_errors(f"replacing {target.name}"):
        os.replace(draft, target)
    sync_folder(target.parent)


def remove(path: Path, *, synced: bool = True) -> None:
    """Take a name away; it may be gone already. Unsynced, a crash may bring it back."""
    with disk_errors(f"removing {path.name}"), contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if synced:
        sync_folder(path.parent)


@contextlib.contextmanager
def lock(path: Path) -> Iterator[bool]:
    """Hold `path` as a lock between processes; yields False when another holds it."""
    with disk_errors(f"opening {path.name}"):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        yield try_lock(fd)
    finally:
        os.close(fd)


def is_locked(path: Path) -> bool:
    """Whether somebody holds this lock now; asking leaves nothing behind.

    What is not there, or cannot be opened, is held by nobody.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return not try_lock(fd)
    finally:
        os.close(fd)


def try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
