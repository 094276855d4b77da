"""The names of a file that has several."""

import os
from pathlib import Path

from store.files import durable


def other_names(path: Path) -> list[Path]:
    """The other names of a file in its folder; none if it has one name only, or is gone."""
    try:
        told = path.stat()
    except FileNotFoundError:
        return []
    if told.st_nlink == 1:
        return []
    with os.scandir(path.parent) as names:
        found = [name.path for name in names if name.inode() == told.st_ino]
    return [Path(name) for name in sorted(found) if Path(name) != path]


def links_and_locks(draft: Path, second: Path) -> bool:
    """Whether link, exclusive create, lock and folder sync work, and a link never replaces. Both are
    names that nothing has, in one folder.
    """
    fd = durable.create_locked(draft)
    try:
        durable.sync(fd, draft.name)
        return durable.link(draft, second) and not durable.link(draft, second)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
        durable.remove(second, synced=False)
