"""Files that nobody is shown any more: kept for a while for who still reads them, then removed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, bindparam, delete, insert, select

from store import timestamps
from store.catalog.catalog import Catalog
from store.catalog.tables import batches, files, people, removals
from store.files import durable
from store.files.layout import Layout

# Far longer than a question may take (30 s), since a shell that is open keeps the parts it opened.
GRACE = timedelta(hours=1)

# Each costs a sync of its folder; the loader has batches waiting meanwhile.
FILES_AT_ONCE = 100


def at(moment_due: datetime) -> str:
    return timestamps.to_text(moment_due)


def after_grace(now: datetime) -> str:
    return timestamps.to_text(now + GRACE)


def schedule(connection: Connection, paths: Iterable[str], due_at: str) -> None:
    """Have files removed once `due_at` has come. The caller holds the write lock."""
    rows = [{"path": path, "due_at": due_at} for path in paths]
    if rows:
        connection.execute(insert(removals), rows)


def hasten(connection: Connection, paths: Iterable[str], due_at: str) -> None:
    """Have files removed at `due_at`, whether they wait already or not. As above."""
    rows = [{"of_path": path} for path in paths]
    if rows:
        connection.execute(delete(removals).where(removals.c.path == bindparam("of_path")), rows)
        schedule(connection, [row["of_path"] for row in rows], due_at)


def remove_due(layout: Layout, catalog: Catalog, now: datetime) -> int:
    """Remove some of the files whose time has come; return how many.

    The file goes first and its rows after it: a row without a file is found again, a file
    without a row would be nobody's. A raw body that came again and was entered meanwhile stays:
    whether it did is only sure while nobody can enter one.
    """
    due = (
        select(removals.c.path)
        .where(removals.c.due_at <= timestamps.to_text(now))
        .order_by(removals.c.due_at)
        .limit(FILES_AT_ONCE)
    )
    with catalog.read() as connection:
        paths = connection.scalars(due).all()
    raw = f"{layout.relative(layout.raw)}/"
    bodies = [path for path in paths if path.startswith(raw)]
    for path in paths:
        if path not in bodies:
            _remove(layout.root / path)
    if paths:
        with catalog.write() as connection:
            for path in set(bodies) - _entered(connection, bodies):
                _remove(layout.root / path)
            _forget(connection, paths)
    return len(paths)


def _remove(path: Path) -> None:
    """With its folder a file is gone as well, and nothing need be waited for."""
    if path.parent.is_dir():
        durable.remove(path)


def _entered(connection: Connection, bodies: Iterable[str]) -> set[str]:
    kept = select(batches.c.raw_path).where(
        batches.c.raw_path.in_(bodies), batches.c.raw_retired_sequence.is_(None)
    )
    return set(connection.scalars(kept))


def _forget(connection: Connection, paths: Iterable[str]) -> None:
    gone = files.c.path.in_(paths) & files.c.retired_sequence.is_not(None)
    numbers = select(files.c.number).where(gone, files.c.number.is_not(None))
    connection.execute(delete(people).where(people.c.file.in_(numbers)))
    connection.execute(delete(files).where(gone))
    connection.execute(delete(removals).where(removals.c.path.in_(paths)))
