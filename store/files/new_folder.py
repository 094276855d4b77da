"""A data folder before it has a store, and its removal if the new store stays empty."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from store.files import durable
from store.files.layout import Layout


def holds_store(layout: Layout) -> bool:
    """Whether the folder has a catalog, or data without one."""
    if layout.catalog.exists() or layout.catalog_mark.exists():
        return True
    folders = (layout.raw, layout.parts, layout.ledger)
    return any(path.is_file() for folder in folders for path in folder.rglob("*"))


@dataclass(frozen=True, slots=True)
class NewFolder:
    """What was there before a store was created in it: names inside, and folders above."""

    layout: Layout
    names: frozenset[str]
    missing: tuple[Path, ...]

    @classmethod
    def of(cls, layout: Layout) -> "NewFolder":
        root = layout.root.absolute()
        names = frozenset(path.name for path in root.iterdir()) if root.is_dir() else frozenset()
        missing = tuple(folder for folder in (root, *root.parents) if not folder.exists())
        return cls(layout, names, missing)

    def discard(self) -> bool:
        """Remove the new store, and nothing that was there before. False if a process uses it.

        The caller knows that the store has no batch, and has closed it.
        """
        layout = self.layout
        if not layout.root.is_dir():
            return True
        with ExitStack() as stack:
            locks = (layout.serve_lock, layout.loader_lock, layout.setup_lock)
            if not all(stack.enter_context(durable.lock(lock)) for lock in locks):
                return False
            for path in list(self._ours()):
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    durable.remove(path, synced=False)
        for folder in self.missing:
            if any(folder.iterdir()):
                break
            folder.rmdir()
        return True

    def _ours(self) -> Iterator[Path]:
        layout = self.layout
        folders = {layout.raw, layout.parts, layout.quarantine, layout.stray, layout.ledger}
        folders |= {layout.holds, layout.links}
        starts = (".", layout.catalog.name, layout.catalog_mark.name, layout.audit.name)
        for path in layout.root.iterdir():
            is_ours = path in folders or path.name.startswith(starts)
            if is_ours and path.name not in self.names:
                yield path
