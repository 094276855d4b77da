"""Every kind of file in the data folder: what it can hold of a person, and what happens to that.

A writer of a new kind of file declares it here. `erase --check` searches each kind as declared, and
as a foreign file what no place declares; `fsck` reports such files. store/personal_data.py puts
this list and the columns of the catalog together.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path

from store.files.layout import (
    DRAFT_PREFIX,
    PROBE_PREFIX,
    REPLACED_CATALOG,
    REPLACED_LEDGER,
    Layout,
)


class Content(Enum):
    """How a kind of file is searched for a person."""

    ROWS = "Parquet files: rows, and texts that none of them has"
    BODIES = "bodies as they were received"
    STRAYS = "files that the catalog does not know: rows or bodies"
    CATALOG = "the columns of the catalog, and its bytes"
    SHELL = "the rows of its tables, and its bytes"
    BYTES = "bytes as they are"


class AfterErasure(Enum):
    """What an erasure does to a kind of file."""

    WITHOUT_ROWS = "written again without the person's rows"
    DELETED = "deleted, if it has the name"
    REWRITTEN = "rewritten without deleted bytes"
    REPLACED = "replaced by the next publishing"
    KEPT = "kept; a name in it is reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePlace:
    """`pattern` is of paths relative to the data folder; `*` stands for `/` too."""

    pattern: str
    content: Content
    after_erasure: AfterErasure = AfterErasure.KEPT
    is_in_backup: bool = False


def _bytes(pattern: str, after_erasure: AfterErasure = AfterErasure.KEPT) -> FilePlace:
    return FilePlace(pattern=pattern, content=Content.BYTES, after_erasure=after_erasure)


FILES: tuple[FilePlace, ...] = (
    FilePlace(
        pattern="parts/*",
        content=Content.ROWS,
        after_erasure=AfterErasure.WITHOUT_ROWS,
        is_in_backup=True,
    ),
    FilePlace(
        pattern="raw/*",
        content=Content.BODIES,
        after_erasure=AfterErasure.DELETED,
        is_in_backup=True,
    ),
    FilePlace(pattern="quarantine/*", content=Content.BODIES, after_erasure=AfterErasure.DELETED),
    FilePlace(pattern="stray/*", content=Content.STRAYS, after_erasure=AfterErasure.WITHOUT_ROWS),
    # With its log and its index of the log.
    FilePlace(
        pattern="catalog.sqlite*",
        content=Content.CATALOG,
        after_erasure=AfterErasure.REWRITTEN,
        is_in_backup=True,
    ),
    # Of a catalog on PostgreSQL: a random id.
    _bytes("catalog.postgresql"),
    _bytes(f"{REPLACED_CATALOG}*", AfterErasure.DELETED),
    # A backup has every entry in its catalog, and a restore writes these files again.
    _bytes("ledger/*"),
    _bytes(f"{REPLACED_LEDGER}*"),
    # It has no rows, but facts of the catalog: names, and what they are linked to.
    FilePlace(pattern="audit.duckdb", content=Content.SHELL, after_erasure=AfterErasure.REPLACED),
    # Logs and spills of shells that open it for writing.
    _bytes("audit.duckdb.wal", AfterErasure.DELETED),
    _bytes("audit.duckdb.tmp/*", AfterErasure.DELETED),
    # Those of questions, each while it runs.
    _bytes(".spills/*", AfterErasure.DELETED),
    # Manifests of published tables, which have names as bounds of files.
    _bytes("published/*", AfterErasure.REPLACED),
    _bytes("holds/*", AfterErasure.REWRITTEN),
    _bytes("links/*", AfterErasure.REWRITTEN),
    _bytes("tokens"),
    # Salted digests, and paths of raw bodies.
    _bytes("restored-erasures.json"),
    # Locks and marks: a process id, a folder or the name of a file.
    _bytes(".setup.lock"),
    _bytes(".serve.lock"),
    _bytes(".loader.lock"),
    _bytes(".replay.lock"),
    _bytes(".rewrite.lock"),
    _bytes(".publishing.lock"),
    _bytes(".unclean-stop"),
    _bytes(".replay-unfinished"),
    _bytes(".restore-unfinished"),
    _bytes(".rebuild-unfinished"),
    _bytes(f"{PROBE_PREFIX}*"),
    _bytes(f"{DRAFT_PREFIX}*"),
)

# A file system makes this folder itself.
_OF_THE_DISK = "lost+found"


def place_of(path: str) -> FilePlace | None:
    """The declared place of a file, by its path relative to the data folder."""
    return next((place for place in FILES if fnmatchcase(path, place.pattern)), None)


def files(layout: Layout) -> Iterator[tuple[Path, FilePlace | None]]:
    """Every file of the data folder with its place; None if no place declares it."""
    for folder, folders, names in os.walk(layout.root):
        folders[:] = sorted(name for name in folders if name != _OF_THE_DISK)
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file():
                yield path, place_of(layout.relative(path))
