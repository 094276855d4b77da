"""Files on disk that the known entries do not name, though a lost entry must have named them.

A process that dies before its commit leaves files without an entry too: a part that still has its
unfinished name, or whose footer knows no entry past the last known one, and a body that still has
the name of its draft. A body whose bytes are not those of its name was never entered. Any other
file shows that the ledger ends too early.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from store.catalog.tables import batches
from store.errors import StoreDamaged
from store.files.copying import is_what_its_name_says
from store.files.hard_links import other_names
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
        if is_finished(path) and (not newest or _newest_known(layout, path, disk.parts) > newest)
    ]
    return UnnamedFiles(tuple(parts), tuple(unnamed_bodies(connection, layout, disk)))


def unnamed_bodies(connection: Connection, layout: Layout, disk: Disk) -> Iterator[str]:
    """Bodies without a draft: the name of a draft is removed after the entry is committed."""
    entered = set(connection.scalars(select(batches.c.raw_path)))
    for path in sorted(disk.raw - entered):
        body = layout.root / path
        is_waiting = body.stat().st_ino in _drafts(body.parent)
        if body.suffix == ".gz" and not is_waiting and is_what_its_name_says(layout.root, path):
            yield path


def _drafts(folder: Path) -> set[int]:
    return {each.stat().st_ino for each in folder.glob(f"{DRAFT_PREFIX}*")}


def is_finished(path: str) -> bool:
    return path.endswith(".parquet") and not Path(path).name.startswith(".")


def _newest_known(layout: Layout, path: str, on_disk: Collection[str]) -> int:
    """The newest entry that the footer names; 0 if it names none, as in files of format 1, or if the
    file may not be committed and all that it was made of is there.
    """
    absolute = layout.root / path
    try:
        lineage = footer_of(absolute.name, read_metadata(absolute)).lineage
    except StoreDamaged:
        return 0
    if lineage is None or (
        other_names(absolute) and all(each in on_disk for each in lineage.merged)
    ):
        return 0
    return max((lineage.sequence, *lineage.receipts))
