"""Recovers after a killed process: enters bodies that were stored, removes other drafts.

Safe while receivers run: a draft whose lock is held belongs to a living process. Safe to be
killed and run again, at any point, any number of times.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from schema.body.limits import EnvelopeLimits
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.errors import StoreUnavailable
from store.files import durable
from store.files.layout import DRAFT_PREFIX, Layout, draft_label, draft_path
from store.intake.draft import UNNAMED, Origin, examine
from store.intake.intake import Intake


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery did, for the log."""

    drafts_swept: int
    batches_entered: int
    # Raw files whose hash is not their name; they are left for a person and never entered.
    damaged: tuple[str, ...]


def recover(layout: Layout, catalog: Catalog, intake: Intake, limits: EnvelopeLimits) -> Recovered:
    swept = entered = 0
    damaged = []
    for folder in (layout.raw, *day_folders(layout.raw)):
        for draft in sorted(folder.glob(f"{DRAFT_PREFIX}*")):
            outcome = _settle_draft(draft, intake, limits)
            swept += outcome == "swept"
            entered += outcome == "entered"
        for raw in unnamed(layout, catalog, folder):
            if _enter_raw(raw, intake, limits):
                entered += 1
            elif raw.exists():
                damaged.append(layout.relative(raw))
    return Recovered(swept, entered, tuple(damaged))


def day_folders(raw: Path) -> Iterator[Path]:
    return (path for path in sorted(raw.iterdir()) if path.is_dir() and not path.is_symlink())


def _settle_draft(draft: Path, intake: Intake, limits: EnvelopeLimits) -> str:
    """Enter a draft that is also a raw file, since it was stored; remove any other."""
    try:
        fd = os.open(draft, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return "gone"
    try:
        if not durable.try_lock(fd):
            return "alive"
        has_names = os.fstat(fd).st_nlink > 1
        was_stored = has_names and _enter(draft, intake, limits)
        durable.remove(draft)
    finally:
        os.close(fd)
    return "entered" if was_stored else "swept"


def unnamed(layout: Layout, catalog: Catalog, folder: Path) -> list[Path]:
    """Raw files that no ledger entry names and no living process is about to enter."""
    names = _inodes(folder, "*.gz")
    if not names:
        return []
    # List drafts before the ledger: a file whose draft disappears in between was entered, or
    # removed as a duplicate.
    alive = set(_inodes(folder, f"{DRAFT_PREFIX}*").values())
    prefix = layout.relative(folder)
    with catalog.read() as connection:
        # "0" follows "/": everything in this folder, by the index.
        within = batches.c.raw_path.between(f"{prefix}/", f"{prefix}0")
        query = select(batches.c.raw_path).where(within)
        entered = {path.rpartition("/")[2] for path in connection.scalars(query)}
    return [
        folder / name
        for name, inode in sorted(names.items())
        if inode not in alive and name not in entered
    ]


def _inodes(folder: Path, pattern: str) -> dict[str, int]:
    """Names and their inodes; files that a living process removes meanwhile are left out."""
    found = {}
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):
            found[path.name] = path.stat().st_ino
    return found


def _enter_raw(raw: Path, intake: Intake, limits: EnvelopeLimits) -> bool:
    """Enter a raw file that has no draft; its first records tell the dataset."""
    draft = draft_path(raw.parent, UNNAMED)
    try:
        durable.link(raw, draft)
    except StoreUnavailable:
        if raw.exists():
            raise
        return False  # A duplicate, removed by its receiver after the listing.
    try:
        return _enter(draft, intake, limits)
    finally:
        durable.remove(draft)


def _enter(draft: Path, intake: Intake, limits: EnvelopeLimits) -> bool:
    """Enter a draft that is also a raw file under its own hash; False for any other."""
    examined = examine(draft, limits)
    target = draft.parent / f"{examined.sha256}.gz"
    try:
        is_stored = target.samefile(draft)
    except FileNotFoundError:
        is_stored = False
    if not is_stored:
        return False
    stored_at = datetime.fromtimestamp(draft.stat().st_mtime, UTC).replace(tzinfo=None)
    intake.store(draft, examined, Origin.from_label(draft_label(draft)), stored_at)
    return True
