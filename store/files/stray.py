"""Finished files that the catalog does not know: they are moved to `stray/`, never unlinked.

A file keeps its path below a folder that is named after the moment of the move, so that a person
can put it back: `stray/20261122T120000Z-1f2e3d/parts/http_requests/date=2026-11-21/x.parquet`.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from store.files import durable
from store.files.copying import has_sha256
from store.files.layout import UNFINISHED_PREFIX, Layout, is_unfinished

ID_CHARS = 12
# What the id of an alarm about such a file begins with.
ALARM = "stray"
_MOMENT = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayFile:
    """`path` and `original` are relative to the data folder; `moved_at` is None if the name of its
    folder does not tell it.
    """

    id: str
    path: str
    original: str
    moved_at: datetime | None
    bytes: int

    @property
    def alarm(self) -> str:
        """The id of the alarm that it raises."""
        return f"{ALARM}/{self.id}"


def move(layout: Layout, paths: Sequence[Path], now: datetime) -> None:
    """Move files of the data folder to `stray/`, durably. A file that is gone is skipped."""
    if not paths:
        return
    folder = layout.stray / f"{now.replace(tzinfo=UTC):{_MOMENT}}-{secrets.token_hex(3)}"
    moves = [(path, folder / layout.relative(path)) for path in paths]
    for parent in sorted({target.parent for _, target in moves}):
        durable.make_folders(parent)
    durable.move(moves)


def found(layout: Layout) -> Iterator[StrayFile]:
    """Every stray file, by the moment of its move and its path."""
    for folder, folders, names in os.walk(layout.stray):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            size = _size_of(path)
            if size is not None and not is_unfinished(path):
                yield _stray(layout, path, size)


def bring_back(layout: Layout, missing: Mapping[str, str]) -> frozenset[str]:
    """Of these paths, each with its SHA-256, move back those that lie in `stray/`, and return them.

    A sweep with an old catalog moved them away.
    """
    moves = {}
    for each in found(layout):
        wanted = missing.get(each.original)
        if wanted is None or each.original in moves:
            continue
        if has_sha256(layout.root, each.path, wanted):
            moves[each.original] = layout.root / each.path
    for folder in sorted({(layout.root / path).parent for path in moves}):
        durable.make_folders(folder)
    durable.move([(source, layout.root / path) for path, source in moves.items()])
    return frozenset(moves)


def remove_unfinished(layout: Layout) -> None:
    """Remove what a killed erasure wrote beside stray files. The caller holds the rewrite lock."""
    for path in layout.stray.rglob(f"{UNFINISHED_PREFIX}*"):
        durable.remove(path, synced=False)


def _stray(layout: Layout, path: Path, size: int) -> StrayFile:
    moment, *rest = path.relative_to(layout.stray).parts
    relative = layout.relative(path)
    return StrayFile(
        id=hashlib.sha256(os.fsencode(relative)).hexdigest()[:ID_CHARS],
        path=relative,
        original="/".join(rest) or moment,
        moved_at=_moment(moment),
        bytes=size,
    )


def _moment(name: str) -> datetime | None:
    try:
        told = datetime.strptime(name.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:
        return None
    return told.replace(tzinfo=None)


def _size_of(path: Path) -> int | None:
    try:
        return path.lstat().st_size
    except FileNotFoundError:
        return None
