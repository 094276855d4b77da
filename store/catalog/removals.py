"""Retired files: kept for a while for processes that still read them, then removed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update

from store import timestamps
from store.catalog.catalog import Catalog
from store.catalog.tables import batches, entries, files, removals
from store.catalog.users import user_days
from store.catalog.users.tables import people
from store.files import durable
from store.files.hard_links import other_names
from store.files.layout import UNFINISHED_PREFIX, Layout

# Far longer than a question may take (30 s). Files that DuckDB shells read wait longer, from when
# `audit.duckdb` no longer names them: see `release`.
GRACE = timedelta(hours=1)

# Each removal syncs a folder, while batches wait for the loader.
FILES_AT_ONCE = 100

# Some hundred milliseconds.
USER_DAYS_AT_ONCE = 20_000


def after_grace(now: datetime) -> str:
    return timestamps.to_text(now + GRACE)


def schedule(connection: Connection, paths: Iterable[str], due_at: str) -> None:
    """Schedule files for removal at `due_at`. The caller holds the write lock."""
    rows = [{"path": path, "due_at": due_at} for path in paths]
    if rows:
        connection.execute(insert(removals), rows)


def schedule_shown(connection: Connection, sequences: Mapping[str, int], due_at: str) -> None:
    """Schedule files that `audit.duckdb` names; each left the store with the entry of its sequence.

    They wait until `release`, and until `due_at`. The caller names at least one file, and holds the
    write lock.
    """
    rows = [
        {"path": path, "due_at": due_at, "shown_until": sequence}
        for path, sequence in sequences.items()
    ]
    connection.execute(insert(removals), rows)


def release(catalog: Catalog, sequence: int, due_at: str) -> None:
    """Let files go at `due_at` that `audit.duckdb` no longer names, as published at `sequence`."""
    is_unshown = removals.c.shown_until <= sequence
    with catalog.read() as connection:
        if not connection.scalar(select(func.count()).where(is_unshown)):
            return
    with catalog.write() as connection:
        unshown = update(removals).where(is_unshown)
        connection.execute(unshown.values(due_at=due_at, shown_until=None))


def shorten(catalog: Catalog, now: datetime, grace: timedelta) -> int:
    """Let no file wait for longer than the grace; return how many would have.

    A clock that was ahead for a while scheduled them for years later.
    """
    due_at = timestamps.to_text(now + grace)
    is_late = removals.c.due_at > due_at
    with catalog.read() as connection:
        found = connection.scalar(select(func.count()).where(is_late)) or 0
    if found:
        with catalog.write() as connection:
            connection.execute(update(removals).where(is_late).values(due_at=due_at))
    return found


def reschedule(connection: Connection, paths: Iterable[str], due_at: str) -> None:
    """Schedule files for removal at `due_at`, also those that are scheduled already or shown."""
    rows = [{"of_path": path} for path in paths]
    if rows:
        connection.execute(delete(removals).where(removals.c.path == bindparam("of_path")), rows)
        schedule(connection, [row["of_path"] for row in rows], due_at)


def scheduled(connection: Connection, folder: str) -> set[str]:
    """The paths in this folder, at any depth, that wait for their removal."""
    # "0" follows "/": everything in this folder, by the index.
    within = removals.c.path.between(f"{folder}/", f"{folder}0")
    return set(connection.scalars(select(removals.c.path).where(within)))


def remove_due(layout: Layout, catalog: Catalog, now: datetime) -> int:
    """Remove some of the files that are due; return how many.

    A file is removed before its rows: a row without a file is found again, a file without a row
    would stay for ever. A raw body that was received again meanwhile is kept; whether it was is
    checked under the write lock, when no body can be entered.
    """
    due = (
        select(removals.c.path)
        .where(removals.c.due_at <= timestamps.to_text(now), removals.c.shown_until.is_(None))
        .order_by(removals.c.due_at)
        .limit(FILES_AT_ONCE)
    )
    return _remove_all(layout, catalog, due)


def remove_early(layout: Layout, catalog: Catalog, now: datetime) -> int:
    """Remove some of the files that are kept only for open shells; return how many.

    For a disk that is nearly full: receiving comes first. No question of this program reads them.
    """
    left_at = timestamps.to_text(now - GRACE)
    kept = (
        select(removals.c.path)
        .join(files, files.c.path == removals.c.path)
        .join(entries, entries.c.sequence == files.c.retired_sequence)
        .where(entries.c.recorded_at <= left_at)
        .order_by(entries.c.sequence)
        .limit(FILES_AT_ONCE)
    )
    return _remove_all(layout, catalog, kept)


def _remove_all(layout: Layout, catalog: Catalog, wanted: Select[Any]) -> int:
    with catalog.read() as connection:
        paths = connection.scalars(wanted).all()
    catalog.folder.demand()
    raw = f"{layout.relative(layout.raw)}/"
    bodies = [path for path in paths if path.startswith(raw)]
    for path in paths:
        if path not in bodies:
            _remove(layout.root / path)
    if paths:
        _forget_users(catalog, paths)
        with catalog.write() as connection:
            for path in set(bodies) - _entered(connection, bodies):
                _remove(layout.root / path)
            _forget(connection, paths)
    return len(paths)


def _remove(path: Path) -> None:
    """Remove a file, unless its whole folder is gone already.

    A part that was committed by a killed process may still have its unfinished name.
    """
    if path.parent.is_dir():
        for name in other_names(path):
            if name.name.startswith(UNFINISHED_PREFIX):
                durable.remove(name, synced=False)
        durable.remove(path)


def _entered(connection: Connection, bodies: Iterable[str]) -> set[str]:
    kept = select(batches.c.raw_path).where(
        batches.c.raw_path.in_(bodies), batches.c.raw_retired_sequence.is_(None)
    )
    return set(connection.scalars(kept))


def _forget_users(catalog: Catalog, paths: Iterable[str]) -> None:
    """In short transactions, since receivers wait for each."""
    gone = files.c.path.in_(paths) & files.c.retired_sequence.is_not(None)
    with catalog.read() as connection:
        numbers = user_days.numbers(connection.execute(select(files).where(gone)).mappings())
        groups = list(user_days.steps(connection, numbers, USER_DAYS_AT_ONCE))
    for group in groups:
        with catalog.write() as connection:
            user_days.remove(connection, group)


def _forget(connection: Connection, paths: Iterable[str]) -> None:
    gone = files.c.path.in_(paths) & files.c.retired_sequence.is_not(None)
    numbers = select(files.c.number).where(gone, files.c.number.is_not(None))
    connection.execute(delete(people).where(people.c.file.in_(numbers)))
    connection.execute(delete(files).where(gone))
    connection.execute(delete(removals).where(removals.c.path.in_(paths)))
