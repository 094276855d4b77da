"""Clears what killed writers of parts left below `parts/`, and moves away files nobody knows.

A writer links a finished file to its final name and keeps the unfinished name beside it until the
catalog lists the file. So a sweep can tell:

| names of the file      | the catalog lists it | what it is               | what happens             |
|------------------------|----------------------|--------------------------|--------------------------|
| unfinished             | no                   | written in part          | removed                  |
| unfinished and final   | no                   | not committed            | removed                  |
| unfinished and final   | yes                  | committed                | loses its unfinished name |
| final                  | yes                  | live, or due for removal | stays                    |
| final                  | no                   | unknown                  | moved to `stray/`        |

A live file that lies in `stray/` is moved back first: then the catalog of that sweep was an old one.
A file that is newer than the catalog is never taken for uncommitted: then the catalog is an old one.
"""

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.tables import files, removals
from store.errors import NoRoom, StoreDamaged, StoreTooNew, StoreUnavailable
from store.files import durable, stray
from store.files.layout import Layout, is_unfinished
from store.parquet.file_reader import footer_of, read_metadata
from store.timestamps import Clock


@dataclass(frozen=True, slots=True)
class Swept:
    """`unfinished` counts unfinished names that were removed, with the file or, if the catalog lists
    the file, without it. `strays` counts files that were moved away.
    """

    unfinished: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalog knows: the paths of all files, and its newest ledger entry."""

    paths: frozenset[str]
    sequence: int

    @classmethod
    def of(cls, catalog: Catalog) -> "Known":
        with catalog.read() as connection:
            named = connection.scalars(select(files.c.path)).all()
            due = connection.scalars(select(removals.c.path)).all()
            return cls(frozenset((*named, *due)), ledger.sequence(connection))


def sweep(layout: Layout, catalog: Catalog, clock: Clock, is_ours: Callable[[Path], bool]) -> Swept:
    """Sweep the files that `is_ours` selects. The caller excludes every writer of such files."""
    catalog.demand_agreement()
    _bring_back(layout, catalog)
    # Listed before the catalog is read: a file that is committed in between is known.
    listed = [path for path in layout.parts.rglob("*") if is_ours(path) and path.is_file()]
    # Between two looks at the folder, so that no file of another store is listed.
    catalog.folder.demand()
    return settle(layout, listed, Known.of(catalog), clock)


def _bring_back(layout: Layout, catalog: Catalog) -> None:
    """Move live files back from `stray/`: the catalog that did not know them was an old one."""
    originals = {file.original for file in stray.found(layout)}
    if not originals:
        return
    live = select(files.c.path, files.c.sha256).where(files.c.retired_sequence.is_(None))
    with catalog.read() as connection:
        named = {row.path: row.sha256 for row in connection.execute(live)}
    missing = {
        path: named[path] for path in originals & named.keys() if not (layout.root / path).exists()
    }
    with contextlib.suppress(NoRoom, StoreUnavailable):
        stray.bring_back(layout, missing)


def settle(layout: Layout, listed: Sequence[Path], known: Known, clock: Clock) -> Swept:
    """Remove the unfinished among these files, and move the unknown ones away."""
    half = {_inode(path): path for path in listed if is_unfinished(path)}
    whole = [path for path in listed if not is_unfinished(path)]
    unknown = [path for path in whole if layout.relative(path) not in known.paths]
    uncommitted = [path for path in unknown if _is_uncommitted(path, half, known.sequence)]
    gone = set(uncommitted)
    strays = [path for path in unknown if path not in gone]
    # The final name goes first: a file that has only that one would be taken for a stray.
    _remove(uncommitted)
    moved = _move(layout, strays, clock)
    _remove(half.values())
    return Swept(unfinished=len(half), strays=moved)


def _is_uncommitted(path: Path, half: Mapping[int, Path], sequence: int) -> bool:
    if _inode(path) not in half:
        return False
    try:
        lineage = footer_of(path.name, read_metadata(path)).lineage
    except (StoreDamaged, StoreTooNew):
        return False
    return lineage is not None and lineage.sequence <= sequence


def _move(layout: Layout, strays: Sequence[Path], clock: Clock) -> int:
    """Where there is no room for a folder, or `stray/` is on another disk, they stay: unknown files
    harm nobody, and a full disk must not keep retention from deleting.
    """
    with contextlib.suppress(NoRoom, StoreUnavailable):
        stray.move(layout, strays, clock())
        return len(strays)
    return 0


def _remove(paths: Iterable[Path]) -> None:
    folders = set()
    for path in paths:
        durable.remove(path, synced=False)
        folders.add(path.parent)
    for folder in sorted(folders):
        durable.sync_folder(folder)


def _inode(path: Path) -> int:
    try:
        return os.lstat(path).st_ino
    except FileNotFoundError:
        return 0
