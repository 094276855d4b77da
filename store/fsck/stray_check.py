"""Files that the catalog does not name: what died half-way, and what nobody knows.

Safe beside a service: what somebody alive may be making is not a stray.
"""

import contextlib
from collections.abc import Collection, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.files import durable
from store.files.layout import DRAFT_PREFIX, Layout, is_sorted
from store.fsck.finding import Finding, Kind
from store.intake import recovery

# Whatever holds the lock of those who make parts, it has finished or lost such a file by now.
MAKING_AGE_MAX = timedelta(days=1)

DRAFT_MEANS = "a process died while it wrote this; nothing that counts is in it"
UNKNOWN_MEANS = "the catalog does not name it, and no answer uses it"
LEFT_MEANS = "its batch was let go of, so it should be gone"


def strays(layout: Layout, catalog: Catalog, now: datetime) -> Iterator[Finding]:
    yield from _in_parts(layout, catalog, now)
    yield from _in_raw(layout, catalog)
    yield from _in_root(layout, now)


def _in_parts(layout: Layout, catalog: Catalog, now: datetime) -> Iterator[Finding]:
    for path in expected_files.unknown_files(layout.root, "parts", catalog):
        is_draft = path.name.startswith(DRAFT_PREFIX)
        if _is_old(path, now) or not _may_be_made(layout, path):
            yield Finding(
                kind=Kind.STALE_DRAFT if is_draft else Kind.EXTRA_FILE,
                path=layout.relative(path),
                means=DRAFT_MEANS if is_draft else UNKNOWN_MEANS,
                repair="removed, unless a loader, a replay or a compaction is at work",
            )


def _may_be_made(layout: Layout, path: Path) -> bool:
    return any(map(durable.is_locked, [path, *_makers(layout, path)]))


def _makers(layout: Layout, path: Path) -> list[Path]:
    """The locks of all that may be making this part."""
    if is_sorted(path):
        return [layout.rewrite_lock]
    return [layout.loader_lock, layout.replay_lock]


def _is_old(path: Path, now: datetime) -> bool:
    with contextlib.suppress(FileNotFoundError):
        changed_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)
        return now - changed_at > MAKING_AGE_MAX and not durable.is_locked(path)
    return False


def _in_root(layout: Layout, now: datetime) -> Iterator[Finding]:
    """Drafts of `audit.duckdb`, which the holder of the loader's lock writes."""
    is_idle = not durable.is_locked(layout.loader_lock)
    for path in sorted(layout.root.glob(f"{DRAFT_PREFIX}*")):
        if is_idle or _is_old(path, now):
            yield Finding(
                kind=Kind.STALE_DRAFT,
                path=path.name,
                means=DRAFT_MEANS,
                repair="removed, unless a loader is at work",
            )


def _in_raw(layout: Layout, catalog: Catalog) -> Iterator[Finding]:
    folders = {layout.raw, *recovery.day_folders(layout.raw)}
    waiting: dict[Path, set[Path]] = {}
    for path in expected_files.unknown_files(layout.root, "raw", catalog):
        folder = path.parent
        if folder not in folders:
            yield _foreign(layout, path)
        elif path.name.startswith(DRAFT_PREFIX):
            if not durable.is_locked(path):
                yield _raw_finding(Kind.STALE_DRAFT, layout, path, DRAFT_MEANS)
        elif path.suffix != ".gz":
            yield _foreign(layout, path)
        elif _was_entered(layout, catalog, path):
            yield Finding(
                kind=Kind.EXTRA_FILE, path=layout.relative(path), means=LEFT_MEANS, repair="removed"
            )
        else:
            if folder not in waiting:
                waiting[folder] = set(recovery.unnamed(layout, catalog, folder))
            if path in waiting[folder]:
                means = "it was stored, but no ledger entry names it"
                yield _raw_finding(Kind.RAW_WITHOUT_ENTRY, layout, path, means)


def _raw_finding(kind: Kind, layout: Layout, path: Path, means: str) -> Finding:
    return Finding(
        kind=kind,
        path=layout.relative(path),
        means=means,
        repair="what was stored is entered, the rest removed, as at every start of the service",
        helps="if it stays, its bytes are not those of its name: look at the disk",
    )


def _foreign(layout: Layout, path: Path) -> Finding:
    return Finding(
        kind=Kind.EXTRA_FILE,
        path=layout.relative(path),
        means="it is no body that was received here",
        helps="look at it, and remove it by hand",
    )


def _was_entered(layout: Layout, catalog: Catalog, path: Path) -> bool:
    query = select(batches.c.sequence).where(batches.c.raw_path == layout.relative(path)).limit(1)
    with catalog.read() as connection:
        return connection.execute(query).first() is not None


def remove_from_parts(layout: Layout, catalog: Catalog, found: Collection[str]) -> None:
    """Remove those of `found` that are still strays, alone with all that make parts."""
    with ExitStack() as held:
        free = {
            lock
            for lock in (layout.loader_lock, layout.replay_lock, layout.rewrite_lock)
            if held.enter_context(durable.lock(lock))
        }
        for path in expected_files.unknown_files(layout.root, "parts", catalog):
            if layout.relative(path) in found and free.issuperset(_makers(layout, path)):
                durable.remove(path)
        if layout.loader_lock in free:
            for path in layout.root.glob(f"{DRAFT_PREFIX}*"):
                if path.name in found:
                    durable.remove(path)


def remove_left_behind(layout: Layout, catalog: Catalog, found: Collection[str]) -> None:
    """Remove bodies whose batches were let go of, if they still are."""
    for name in found:
        path = layout.root / name
        folder = layout.relative(path.parent)
        # Within a write: nobody may enter the same body meanwhile.
        with catalog.write() as connection:
            if name not in expected_files.known_within(connection, folder):
                durable.remove(path)
