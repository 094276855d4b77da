"""Recovers after a killed process or a full disk: enters bodies that were stored, removes other
drafts.

A body in `raw/` that has neither an entry nor the name of a draft was never received here: a
process keeps that name until the entry is durable. It is moved to `stray/`.

Safe while receivers run: a draft whose lock is held belongs to a living process. Safe to be
killed and run again, at any point, any number of times.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from schema.body.limits import EnvelopeLimits
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.files import durable, stray
from store.files.layout import DRAFT_PREFIX, Layout, draft_label
from store.intake.draft import Origin, examine
from store.intake.intake import Intake


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery did, for the log."""

    drafts_swept: int
    batches_entered: int
    # Raw files that were never received here, or have other bytes than their name says.
    strays: tuple[str, ...]


def recover(
    layout: Layout, catalog: Catalog, intake: Intake, limits: EnvelopeLimits, now: datetime
) -> Recovered:
    catalog.folder.demand()
    is_compared = _is_compared(catalog)
    _bring_back(layout, catalog)
    swept = entered = 0
    strays = []
    for folder in (layout.raw, *day_folders(layout.raw)):
        for draft in sorted(folder.glob(f"{DRAFT_PREFIX}*")):
            outcome = _settle_draft(draft, intake, limits)
            swept += outcome == "swept"
            entered += outcome == "entered"
        if is_compared:
            strays += unnamed(layout, catalog, folder)
    return Recovered(swept, entered, _move_away(layout, catalog, strays, now))


def finish_left(intake: Intake, limits: EnvelopeLimits) -> int:
    """Enter or remove the drafts that this process had to leave; return how many.

    What still cannot be finished is left for the next call.
    """
    done = 0
    for _ in range(len(intake.left)):
        draft = intake.left.popleft()
        try:
            _settle_draft(draft, intake, limits)
        except BaseException:
            intake.left.append(draft)
            raise
        done += 1
    return done


def _is_compared(catalog: Catalog) -> bool:
    """Whether the catalog has every receipt of `ledger/`; until then a body may have its entry there."""
    with contextlib.suppress(NoRoom, StoreBusy):
        catalog.demand_agreement()
        return True
    return False


def _bring_back(layout: Layout, catalog: Catalog) -> None:
    """Move bodies of the ledger back from `stray/`: the catalog that did not know them was an old one."""
    prefix = f"{layout.relative(layout.raw)}/"
    originals = {file.original for file in stray.found(layout) if file.original.startswith(prefix)}
    if not originals:
        return
    is_kept = batches.c.raw_path.in_(originals) & batches.c.raw_retired_sequence.is_(None)
    with catalog.read() as connection:
        named = connection.execute(select(batches.c.raw_path, batches.c.batch_id).where(is_kept))
        missing = {path: name for path, name in named if not (layout.root / path).exists()}
    with contextlib.suppress(NoRoom, StoreUnavailable):
        stray.bring_back(layout, missing)


def _move_away(
    layout: Layout, catalog: Catalog, strays: Sequence[Path], now: datetime
) -> tuple[str, ...]:
    """Where there is no room for a folder, or `stray/` is on another disk, they stay: nobody reads
    them.
    """
    catalog.folder.demand()
    with contextlib.suppress(NoRoom, StoreUnavailable):
        there = [path for path in strays if path.exists()]
        stray.move(layout, there, now)
        return tuple(map(layout.relative, there))
    return ()


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
