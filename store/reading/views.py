"""Writes `audit.duckdb`: views and macros over the live files, for any DuckDB from 1.4 on.

The store makes one view for each dataset; the caller passes everything else as SQL statements. The
file is tiny, holds no rows and is replaced atomically at every change. An open shell therefore
keeps the snapshot that it opened, and never blocks the receiver.
"""

from collections.abc import Callable, Sequence

import duckdb

from store import timestamps
from store.errors import NoRoom
from store.files import durable
from store.files.layout import AUDIT_LABEL, Layout, draft_path
from store.reading import relations
from store.reading.snapshot import Snapshot

# DuckDB 2 writes files that 1.x cannot open unless told to; 1.4 reads this one.
STORAGE_VERSION = "v1.0.0"


def publish_unless_loading(
    layout: Layout, take: Callable[[], Snapshot], statements: Sequence[str]
) -> None:
    """Publish the live files, unless a loader runs, which publishes them itself."""
    with durable.lock(layout.loader_lock) as no_loader:
        if no_loader:
            publish(layout, take(), statements)


def publish(layout: Layout, snapshot: Snapshot, statements: Sequence[str]) -> Snapshot:
    """Replace `audit.duckdb` by a file with the views of `snapshot` and the result of `statements`.

    Files that turn out to be unreadable are left out like those that are known to be: the snapshot
    that is returned has them among its damaged ones. Its paths are absolute; after a store was
    moved, the next loader publishes it again.
    """
    try:
        return _publish(layout, snapshot, statements)
    except duckdb.Error as error:
        # DuckDB opens a few files to see their columns; the others are looked at all at once.
        readable = snapshot.glanced()
        if readable is snapshot:
            raise NoRoom(f"audit.duckdb: {error}") from error
    try:
        return _publish(layout, readable, statements)
    except duckdb.Error as error:
        raise NoRoom(f"audit.duckdb: {error}") from error


def _publish(layout: Layout, snapshot: Snapshot, statements: Sequence[str]) -> Snapshot:
    draft = draft_path(layout.root, AUDIT_LABEL)
    unwritten = draft.with_name(f"{draft.name}.wal")
    try:
        _write(str(draft), snapshot, statements)
        if unwritten.exists():
            raise NoRoom("audit.duckdb: could not be written completely")
        durable.replace(draft, layout.audit)
    finally:
        durable.remove(draft, synced=False)
        durable.remove(unwritten, synced=False)
    return snapshot


def _write(path: str, snapshot: Snapshot, statements: Sequence[str]) -> None:
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "threads": "1",
    }
    with duckdb.connect(path, config=config) as connection:
        connection.begin()
        relations.define(connection, snapshot, with_date=True)
        for statement in statements:
            connection.execute(statement)
        connection.execute("CREATE TABLE snapshot (sequence BIGINT, taken_at VARCHAR)")
        facts = [snapshot.sequence, timestamps.to_text(snapshot.taken_at)]
        connection.execute("INSERT INTO snapshot VALUES (?, ?)", facts)
        connection.commit()
        # Closing would checkpoint too, but hide the error of a full disk.
        connection.execute("CHECKPOINT")
