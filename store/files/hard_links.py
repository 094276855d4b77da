"""The names of a file that has several."""

import os
from pathlib import Path


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
