"""Files on disk that the known entries do not name, though a lost entry must have named them.

A process that dies before its commit leaves files without an entry too: a part whose footer knows
no entry past the last known one, and a body that still has the name of its draft. Any other file
shows that the ledger ends too early.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from store.catalog.tables import batches
from store.errors import StoreDamaged
from store.files.layout import DRAFT_PREFIX, Layout
from store.parquet.file_reader import footer_of, read_metadata
from store.rebuild.disk import Disk


@dataclass(frozen=True, slots=True)
class UnnamedFiles:
    """Paths relative to the data folder."""

    parts: tuple[str, ...]
    bodies: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.parts or self.bodies)


def unnamed_files(
    connection: Connection, layout: Layout, disk: Disk, named: Collection[str], newest: int
) -> UnnamedFiles:
    """Those that show that entries are lost. `named` are the parts that known entries name, `newest`
    is the last of these entries; `connection` has every known batch.
    """
    parts = [
        path
        for path in sorted(disk.parts.difference(named))
        if is_finished(path) and (not newest or _newest_known(layout.root / path) > newest)
    ]
    return UnnamedFiles(tuple(parts), tuple(unnamed_bodies(connection, layout, disk)))


def unnamed_bodies(connection: Connection, layout: Layout, disk: Disk) -> Iterator[str]:
    """Bodies without a draft: the name of a draft is removed after the entry is committed."""
    entered = set(connection.scalars(select(batches.c.raw_path)))
    for path in sorted(disk.raw - entered):
        body = layout.root / path
        if body.suffix == ".gz" and body.stat().st_ino not in _drafts(body.parent):
            yield path


def _drafts(folder: Path) -> set[int]:
    return {each.stat().st_ino for each in folder.glob(f"{DRAFT_PREFIX}*")}


def is_finished(path: str) -> bool:
    return path.endswith(".parquet") and not Path(path).name.startswith(".")


def _newest_known(path: Path) -> int:
    """The newest entry that the footer names; 0 if it names none, as in files of format 1."""
    try:
        lineage = footer_of(path.name, read_metadata(path)).lineage
    except StoreDamaged:
        return 0
    return max((lineage.sequence, *lineage.receipts)) if lineage else 0
