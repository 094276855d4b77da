"""New files belong to the owner of their folder, also where root makes them.

A service of another user could not read or replace files of root.
"""

import contextlib
import os
import pwd
import stat
from pathlib import Path

from store.errors import StoreUnavailable
from store.files.disk_errors import disk_errors

# The deepest folder of a store is parts/DATASET/DAY; its catalog lies above all of them.
LEVELS_MAX = 5
CATALOGS = ("catalog.sqlite", "catalog.postgresql")


def give_to_owner(fd: int, path: Path) -> None:
    """Give an open file or folder that root made to the owner and the group of its folder.

    Raises StoreUnavailable where that is impossible, as on a network disk that does not know root,
    unless root uses this store itself.
    """
    if os.geteuid():
        return
    with disk_errors(f"looking at {path.name}"):
        made, above = os.fstat(fd), os.stat(path.parent)  # noqa: PTH116
        if made.st_uid or not above.st_uid:
            return
        _give(fd, path, made)


def give_folder(folder: Path) -> None:
    """The same for a folder that was just made."""
    if os.geteuid():
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        give_to_owner(fd, folder)
    except BaseException:
        folder.rmdir()
        raise
    finally:
        os.close(fd)


def _give(fd: int, path: Path, made: os.stat_result) -> None:
    """The owner of the folder may replace names in it by links to files of root. So the file must
    have its only name in exactly the folder whose owner is asked.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        owner = os.fstat(folder)
        named = os.stat(path.name, dir_fd=folder, follow_symlinks=False)
        is_here = (named.st_dev, named.st_ino) == (made.st_dev, made.st_ino)
        if not is_here or (stat.S_ISREG(made.st_mode) and made.st_nlink > 1):
            raise StoreUnavailable(f"{path} is a link to a file of root; remove it")
        try:
            os.fchown(fd, owner.st_uid, owner.st_gid)
        except OSError as error:
            if _is_used_by_root(path.parent):
                return
            user = _name(owner.st_uid)
            raise StoreUnavailable(
                f"{path.parent} belongs to {user}: run this as {user}"
            ) from error
    finally:
        os.close(folder)


def _is_used_by_root(folder: Path) -> bool:
    """Whether the catalog of the store is root's. Then its service is too, and may go on where root
    cannot give files away, as in a container without that right.
    """
    for above in (folder, *folder.absolute().parents)[:LEVELS_MAX]:
        for catalog in CATALOGS:
            with contextlib.suppress(FileNotFoundError):
                return not os.stat(above / catalog).st_uid  # noqa: PTH116
    return False


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
