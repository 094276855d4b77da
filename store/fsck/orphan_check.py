"""Finds orphan files, which the catalog does not name: left by killed processes, or foreign.

It is safe beside a running service: a file that a live process may be writing is no orphan.
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
from store.files import durable, spills, stray
from store.files.copying import is_what_its_name_says
from store.files.hard_links import other_names
from store.files.layout import DRAFT_PREFIX, Layout, is_sorted, is_unfinished
from store.fsck.finding import Finding, Kind
from store.fsck.foreign_files import find_foreign_files
from store.intake import recovery
from store.registers import acknowledgements
from store.sweep import Known, settle
from store.timestamps import Clock

# Even if the lock is held, its holder is not still writing a file of this age.
MAKING_AGE_MAX = timedelta(days=1)

DRAFT_MEANS = "a process died while writing it; no data is lost with it"
UNKNOWN_MEANS = "the catalog does not name it, and no query reads it"
LEFT_MEANS = "its batch was removed, so it should be deleted"


def find_orphans(layout: Layout, catalog: Catalog, now: datetime) -> Iterator[Finding]:
    yield from _in_parts(layout, catalog, now)
    yield from _in_raw(layout, catalog)
    yield from _in_root(layout, now)
    yield from _spills(layout)
    yield from _strays(layout, catalog)
    yield from find_foreign_files(layout)


def _in_parts(layout: Layout, catalog: Catalog, now: datetime) -> Iterator[Finding]:
    for path in expected_files.unknown_files(layout.root, "parts", catalog):
        is_draft = is_unfinished(path) or any(map(is_unfinished, other_names(path)))
        if _is_old(path, now) or not _may_be_in_use(layout, path):
            yield Finding(
                kind=Kind.STALE_DRAFT if is_draft else Kind.EXTRA_FILE,
                path=layout.relative(path),
                means=DRAFT_MEANS if is_draft else UNKNOWN_MEANS,
                repair=f"{'deleted' if is_draft else 'moved to stray/'}, unless a loader, a replay or"
                " a compaction is running",
            )


def _may_be_in_use(layout: Layout, path: Path) -> bool:
    return any(map(durable.is_locked, [path, *_writer_locks(layout, path)]))


def _writer_locks(layout: Layout, path: Path) -> list[Path]:
    """The locks of the processes that may be writing this file."""
    if is_sorted(path):
        return [layout.rewrite_lock]
    return [layout.loader_lock, layout.replay_lock]


def _is_old(path: Path, now: datetime) -> bool:
    with contextlib.suppress(FileNotFoundError):
        changed_at = datetime.fromtimestamp(path.lstat().st_mtime, UTC).replace(tzinfo=None)
        return now - changed_at > MAKING_AGE_MAX and not durable.is_locked(path)
    return False


def _in_root(layout: Layout, now: datetime) -> Iterator[Finding]:
    """Drafts of `audit.duckdb`, which is written under the loader's lock."""
    is_idle = not durable.is_locked(layout.loader_lock)
    for path in sorted(layout.root.glob(f"{DRAFT_PREFIX}*")):
        if is_idle or _is_old(path, now):
            yield Finding(
                kind=Kind.STALE_DRAFT,
                path=path.name,
                means=DRAFT_MEANS,
                repair="deleted, unless a loader is running",
            )


def _spills(layout: Layout) -> Iterator[Finding]:
    """Most are removed when the command opens the store; another user's may not be."""
    for path in spills.left(layout):
        yield Finding(
            kind=Kind.STALE_DRAFT,
            path=layout.relative(path),
            means="a question or a shell was killed; it has rows of persons in clear",
            repair="deleted, if this user may",
        )


def _strays(layout: Layout, catalog: Catalog) -> Iterator[Finding]:
    """Files in `stray/` that nobody has acknowledged."""
    with catalog.read() as connection:
        found = acknowledgements.strays(connection, layout)
    for file in found:
        yield Finding(
            kind=Kind.STRAY_FILE,
            path=file.path,
            means=f"the catalog does not know it; it was {file.original}",
            helps="`raytrail stray list`; then `raytrail stray drop` or `raytrail doctor ack`",
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
                yield _stale_draft(layout, path)
        elif path.suffix != ".gz":
            yield _foreign(layout, path)
        elif _was_entered(layout, catalog, path):
            yield Finding(
                kind=Kind.EXTRA_FILE, path=layout.relative(path), means=LEFT_MEANS, repair="deleted"
            )
        else:
            if folder not in waiting:
                waiting[folder] = set(recovery.unnamed(layout, catalog, folder))
            if path in waiting[folder]:
                yield Finding(
                    kind=Kind.RAW_WITHOUT_ENTRY,
                    path=layout.relative(path),
                    means="it has neither a ledger entry nor a draft's name: it was not received here",
                    repair="moved to stray/, as at every start",
                )


def _stale_draft(layout: Layout, path: Path) -> Finding:
    return Finding(
        kind=Kind.STALE_DRAFT,
        path=layout.relative(path),
        means=DRAFT_MEANS,
        repair="entered in the ledger if it was stored whole, deleted otherwise, as at every start",
    )


def _foreign(layout: Layout, path: Path) -> Finding:
    return Finding(
        kind=Kind.EXTRA_FILE,
        path=layout.relative(path),
        means="it is not a body that was received here",
        helps="inspect it, and delete it by hand",
    )


def _was_entered(layout: Layout, catalog: Catalog, path: Path) -> bool:
    query = select(batches.c.sequence).where(batches.c.raw_path == layout.relative(path)).limit(1)
    with catalog.read() as connection:
        return connection.execute(query).first() is not None


def clear_parts(layout: Layout, catalog: Catalog, clock: Clock, found: Collection[str]) -> None:
    """Sweep those of `found` that are still orphans, under the locks of their writers."""
    catalog.demand_agreement()
    with ExitStack() as held:
        free = {
            lock
            for lock in (layout.loader_lock, layout.replay_lock, layout.rewrite_lock)
            if held.enter_context(durable.lock(lock))
        }
        orphans = [
            path
            for path in expected_files.unknown_files(layout.root, "parts", catalog)
            if layout.relative(path) in found and free.issuperset(_writer_locks(layout, path))
        ]
        catalog.folder.demand()
        settle(layout, orphans, Known.of(catalog), clock)
        if layout.loader_lock in free:
            for path in layout.root.glob(f"{DRAFT_PREFIX}*"):
                if path.name in found:
                    durable.remove(path)


def remove_bodies(layout: Layout, catalog: Catalog, clock: Clock, found: Collection[str]) -> None:
    """Delete bodies whose batches were removed, if they still are. A file that is not what its name
    says was never received here, so it is moved to `stray/`.
    """
    for name in found:
        path = layout.root / name
        folder = layout.relative(path.parent)
        # Under the write lock, so that the same body is not entered meanwhile.
        with catalog.write() as connection:
            if name in expected_files.known_within(connection, folder):
                continue
            if is_what_its_name_says(layout.root, name):
                durable.remove(path)
            else:
                stray.move(layout, [path], clock())
