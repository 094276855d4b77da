"""The only module that syncs, links, renames and unlinks. Each function says what is atomic.

Once a function returns, the name that it linked or replaced is on disk, and so is the folder that
holds it. A failed sync raises DiskFailed and is never tried again on the same data. A full disk
raises NoRoom. Every call goes through `os`, so that a test can watch the order of the calls and
make any of them fail.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from store.errors import DiskFailed, StoreUnavailable
from store.files.disk_errors import disk_errors
from store.files.ownership import give_folder, give_to_owner

FOLDER_MODE = 0o750
FILE_MODE = 0o640

# Small against memory, large against the cost of a call.
READ_BYTES_AT_ONCE = 256 * 1024

# Where the link of an occupied name leads: no such folder exists, so opening it always fails.
OCCUPIED = ".occupied/never"


def create_locked(path: Path, mode: int = FILE_MODE) -> int:
    """Create `path`, which must not exist, and hold its lock; return the descriptor.

    The lock tells a sweeper that a process is still writing. It is released when the process ends.
    """
    with disk_errors(f"creating {path.name}"):
        while True:
            fd = _open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
            # A sweeper may have found it before it was locked: wait, and begin again if the file
            # was swept. It was still empty.
            try:
                fcntl.flock(fd, fcntl.LOCK_EX)
            except OSError:
                os.close(fd)
                raise
            if os.fstat(fd).st_nlink:
                return fd
            os.close(fd)


def _open(path: Path, flags: int, mode: int = FILE_MODE) -> int:
    """Open a file, or make one that belongs to the owner of its folder."""
    fd = os.open(path, flags | os.O_CLOEXEC, mode)
    try:
        give_to_owner(fd, path)
    except BaseException:
        is_new = not os.fstat(fd).st_size
        os.close(fd)
        if is_new:
            os.unlink(path)
        raise
    return fd


def open_appending(path: Path) -> int:
    """Open a file whose writes all go to its end; make it if it is missing, its name not synced."""
    with disk_errors(f"opening {path.name}"):
        return _open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def touch(path: Path) -> None:
    """Make an empty file as a flag for other processes; a power cut may remove it."""
    with disk_errors(f"making {path.name}"):
        os.close(_open(path, os.O_WRONLY | os.O_CREAT))


def try_out(path: Path) -> None:
    """Make a small new file, write and sync it, and remove its name, to see that all of it works.

    A process that died in between may have left the file; it is used again.
    """
    with disk_errors("trying the disk"):
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
        try:
            os.unlink(path)
            os.write(fd, b"a probe\n")
            os.fsync(fd)
        finally:
            os.close(fd)


def write_all(fd: int, content: bytes | bytearray | memoryview) -> None:
    """Write every byte, even if single writes are short."""
    rest = memoryview(content)
    with disk_errors("writing"):
        while rest:
            rest = rest[os.write(fd, rest) :]


def close(fd: int) -> None:
    os.close(fd)


def sync(fd: int, what: str) -> None:
    with disk_errors(f"syncing {what}"):
        os.fsync(fd)


def sync_data(fd: int, what: str) -> None:
    """Sync the bytes and the length of a file, but not its times."""
    with disk_errors(f"syncing {what}"):
        os.fdatasync(fd)


def sync_folder(folder: Path) -> None:
    with disk_errors(f"syncing folder {folder.name}"):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def make_folder(folder: Path) -> None:
    """Make one folder in a parent that must exist, and make its name durable.

    An existing folder is synced too: the process that made it may not have synced it yet.
    """
    with disk_errors(f"making folder {folder.name}"), contextlib.suppress(FileExistsError):
        os.mkdir(folder, mode=FOLDER_MODE)
        give_folder(folder)
    sync_folder(folder.parent)


def make_folders(folder: Path) -> None:
    """Make a folder and its missing parents, each name durable."""
    if not folder.parent.exists():
        make_folders(folder.parent)
    make_folder(folder)


def link(source: Path, target: Path) -> bool:
    """Give the synced file `source` a second, durable name; False if that name was taken.

    Never replaces. The loser of a race syncs the folder too, so it may also report success.
    """
    with disk_errors(f"linking {target.name}"):
        try:
            os.link(source, target)
            made = True
        except FileExistsError:
            made = False
    sync_folder(target.parent)
    return made


def replace(draft: Path, target: Path, mode: int | None = None) -> None:
    """Replace `target` atomically by a finished file, with these permissions if they are given."""
    with disk_errors(f"opening {draft.name}"):
        fd = os.open(draft, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if mode is not None:
            with disk_errors(f"setting the mode of {draft.name}"):
                os.fchmod(fd, mode)
        give_to_owner(fd, draft)
        sync(fd, draft.name)
    finally:
        os.close(fd)
    with disk_errors(f"replacing {target.name}"):
        os.replace(draft, target)
    sync_folder(target.parent)


def move(moves: Sequence[tuple[Path, Path]]) -> None:
    """Give files other names, which no file has, in folders that exist; a file that is gone is
    skipped. Each move is atomic. All are durable once this returns.
    """
    for source, target in moves:
        with disk_errors(f"moving {source.name}"), contextlib.suppress(FileNotFoundError):
            os.replace(source, target)
    for folder in sorted({target.parent for _, target in moves}):
        sync_folder(folder)
    for folder in sorted({source.parent for source, _ in moves}):
        sync_folder(folder)


def occupy(path: Path, draft: Path) -> None:
    """Take a name by way of `draft`, so that no process can make a file of it and none can read one.

    It becomes a symbolic link into a folder that does not exist. A file that had the name is gone
    at the same moment. On a file system without such links the file is only removed.
    """
    if is_occupied(path):
        return
    try:
        with disk_errors(f"linking {path.name}"):
            os.symlink(OCCUPIED, draft)
            os.replace(draft, path)
    except (DiskFailed, StoreUnavailable):
        remove(path, synced=False)
    sync_folder(path.parent)


def is_occupied(path: Path) -> bool:
    """Whether `occupy` took this name."""
    try:
        return os.readlink(path) == OCCUPIED
    except OSError:
        return False


def remove(path: Path, *, synced: bool = True) -> None:
    """Remove a name, which may be gone already. Without a sync, a crash may bring it back."""
    with disk_errors(f"removing {path.name}"), contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    if synced:
        sync_folder(path.parent)


@contextlib.contextmanager
def lock(path: Path) -> Iterator[bool]:
    """Hold `path` as a lock between processes; yields False when another holds it."""
    with disk_errors(f"opening {path.name}"):
        fd = _open(path, os.O_RDWR | os.O_CREAT)
    try:
        yield try_lock(fd)
    finally:
        os.close(fd)


def is_locked(path: Path) -> bool:
    """Whether another process holds this lock now. Asking creates nothing.

    A file that is missing or cannot be opened counts as not locked.
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
