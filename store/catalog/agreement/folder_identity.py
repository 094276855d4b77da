"""Which data folder a process has opened, so that it notices when another one lies at its path.

Files are named by their path, but the catalog and locks stay open: after the folder was moved or
replaced, the two would belong to different stores.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from store.errors import FolderReplaced, StoreUnavailable
from store.files.disk_errors import disk_errors
from store.files.layout import Layout

_NONE = "-"


@dataclass(frozen=True, slots=True)
class FolderIdentity:
    """Device and inode of D, `raw/` and the catalog (or the mark of one elsewhere), as they were when the store was opened.

    `demand` precedes each 200, and whatever is removed or made in the folder without a transaction.
    The owner makes it once and passes it on: a service to each of its processes. Links, bind mounts
    and relative paths to the same folder have the same identity. An inode is not used again while
    the catalog is open, so a folder that was deleted and made anew is another one.
    """

    paths: tuple[Path, ...]
    nodes: tuple[str, ...]

    @classmethod
    def of(cls, layout: Layout) -> Self:
        paths = (layout.root, layout.raw, layout.catalog_file)
        return cls(paths, tuple(map(_node, paths)))

    @classmethod
    def from_text(cls, layout: Layout, text: str) -> Self:
        """Of the folder that another process has opened; `text` is what `to_text` gave there."""
        return cls(cls.of(layout).paths, tuple(text.split(",")))

    def to_text(self) -> str:
        return ",".join(self.nodes)

    def demand(self) -> None:
        """Raise FolderReplaced if another folder lies here now, StoreUnavailable if none does.

        It costs three calls of `stat`.
        """
        for path, node in zip(self.paths, self.nodes, strict=True):
            if node == _NONE:
                continue  # Missing when the store was opened: nothing to compare.
            found = _node(path)
            if found == _NONE:
                raise StoreUnavailable(f"no store at {self.paths[0]}")
            if found != node:
                raise FolderReplaced(
                    f"{path} is not the one that was opened: it was moved away or replaced; put it"
                    " back, or restart Raytrail to use the other one"
                )


# Of a copy, which nobody writes to.
ANY_FOLDER = FolderIdentity((), ())


def _node(path: Path) -> str:
    with disk_errors(f"looking at {path.name}"):
        try:
            found = os.stat(path)  # noqa: PTH116 (each receipt pays for it)
        except (FileNotFoundError, NotADirectoryError):
            return _NONE
    return f"{found.st_dev}:{found.st_ino}"
