"""Files that nobody is shown any more: kept for a while for who still reads them, then removed."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from store import durable, moment
from store.catalog import Catalog
from store.layout import Layout
from store.tables import files, people, removals

# Far longer than a question may take (30 s), since a shell that is open keeps the parts it opened.
GRACE = timedelta(hours=1)

# Each costs a sync of its folder; the loader has batches waiting meanwhile.
FILES_AT_ONCE = 100


def at(moment_due: datetime) -> str:
    return moment.to_text(moment_due)


def after_grace(now: datetime) -> str:
    return moment.to_text(now + GRACE)


def schedule(connection: Connection, paths: Iterable[str], due_at: str) -> None:
    """Have files removed once `due_at` is past. The caller holds the write lock."""
    rows = [{"path": path, "due_at": due_at} for path in paths]
    if rows:
        connection.execute(insert(removals), rows)


def remove_due(layout: Layout, catalog: Catalog, now: datetime) -> int:
    """Remove some of the files whose time has come; return how many.

    The file goes first and its rows after it: a row without a file is found again, a file
    without a row would be nobody's.
    """
    due = (
        select(removals.c.path)
        .where(removals.c.due_at < moment.to_text(now))
        .order_by(removals.c.due_at)
        .limit(FILES_AT_ONCE)
    )
    with catalog.read() as connection:
        paths = connection.scalars(due).all()
    for path in paths:
        durable.remove(layout.root / path)
    if paths:
        with catalog.write() as connection:
            _forget(connection, paths)
    return len(paths)


def _forget(connection: Connection, paths: Iterable[str]) -> None:
    gone = files.c.path.in_(paths) & files.c.retired_sequence.is_not(None)
    numbers = select(files.c.number).where(gone, files.c.number.is_not(None))
    connection.execute(delete(people).where(people.c.file.in_(numbers)))
    connection.execute(delete(files).where(gone))
    connection.execute(delete(removals).where(removals.c.path.in_(paths)))
