"""Private folders in `.spills/`, for rows that a question or a shell has no room for in memory.

Each is locked by the process that uses it, also after it has replaced itself by `duckdb`. One that
nobody locks was left by a process that was killed; the next command removes it. Shells that are
opened without `raytrail shell` spill to `audit.duckdb.tmp/`, which is removed likewise.

A reader who may not write the data folder has such folders in the system's temporary folder, in one
that is named after the user.
"""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from store.files import durable
from store.files.layout import Layout
from store.files.reserve import Reserve

# Spilled rows are personal data.
PRIVATE = 0o700
OF_OTHERS = 0o077

# A sweep may take a folder between its making and its lock; not again and again.
TRIES_MAX = 5


@contextmanager
def spill_folder(layout: Layout) -> Iterator[Path]:
    """A folder of this process, removed at the end."""
    made = make(layout)
    if made is None:
        with tempfile.TemporaryDirectory(prefix="raytrail-") as elsewhere:
            yield Path(elsewhere)
        return
    path, fd = made
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(fd)
        _remove_empty(path.parent)


def make(layout: Layout) -> tuple[Path, int] | None:
    """A new folder, and the descriptor that locks it; None where none can be made."""
    return _made_in(layout.spills) or _made_in(_of_reader(), is_private)


def _of_reader() -> Path:
    return Path(tempfile.gettempdir(), f"raytrail-spills-{os.geteuid()}")


def _made_in(
    parent: Path, is_safe: Callable[[Path], bool] = Path.is_dir
) -> tuple[Path, int] | None:
    for _ in range(TRIES_MAX):
        try:
            _make_private(parent)
            if not is_safe(parent):
                return None
            path = Path(tempfile.mkdtemp(prefix="", dir=parent))
            fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        except OSError:
            return None
        if durable.try_lock(fd) and path.exists():
            return path, fd
        os.close(fd)
    return None


def is_private(folder: Path) -> bool:
    """Whether a folder is this user's alone, and no link: in the system's temporary folder anybody
    may make a folder or a link of any name.
    """
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return is_ours and not found.st_mode & OF_OTHERS


def room(folder: Path) -> int:
    """How many bytes may be spilled here, so that batches can still be stored."""
    disk = os.statvfs(folder)
    wanted = Reserve().wanted_bytes(disk)
    return max(int(disk.f_bavail * disk.f_frsize - wanted), 0)


def sweep(layout: Layout) -> None:
    """Remove what killed processes left. It never fails: `raytrail fsck` tells what stays."""
    for path in (*left(layout), *_unused(_of_reader(), is_private)):
        with contextlib.suppress(OSError):
            if path.is_dir():
                _remove_unlocked(path)
            else:
                durable.remove(path, synced=False)
    for folder in (layout.spills, layout.shell_spills, _of_reader()):
        _remove_empty(folder)


def left(layout: Layout) -> list[Path]:
    """Folders and files of processes that are gone."""
    return [*_unused(layout.spills), *_of_shells(layout)]


def _unused(parent: Path, is_safe: Callable[[Path], bool] = Path.is_dir) -> list[Path]:
    try:
        folders = sorted(parent.iterdir()) if is_safe(parent) else []
    except OSError:
        return []
    return [path for path in folders if not durable.is_locked(path)]


def _remove_unlocked(path: Path) -> None:
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if durable.try_lock(fd):
            shutil.rmtree(path, ignore_errors=True)
    finally:
        os.close(fd)


def _of_shells(layout: Layout) -> list[Path]:
    """Files in `audit.duckdb.tmp/` that no process has open, as far as this user can see that."""
    try:
        files = sorted(layout.shell_spills.iterdir())
        seen = [path for path in files if os.geteuid() in {0, path.stat().st_uid}]
    except OSError:
        return []
    used = _open_files() if seen else set[str]()
    return [path for path in seen if os.path.realpath(path) not in used]


def _open_files() -> set[str]:
    """The files that processes have open, of all that this user may look into."""
    found = set()
    for names in Path("/proc").glob("[0-9]*/fd"):
        with contextlib.suppress(OSError):
            for name in names.iterdir():
                with contextlib.suppress(OSError):
                    found.add(str(name.readlink()))
    return found


def _remove_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _make_private(folder: Path) -> None:
    """A command of root must not keep the service's own user out."""
    with contextlib.suppress(FileExistsError):
        folder.mkdir(PRIVATE)
        if os.geteuid() == 0:
            owner = folder.parent.stat()
            os.chown(folder, owner.st_uid, owner.st_gid)
