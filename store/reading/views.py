"""Writes `audit.duckdb`: views and macros over the live files, for any DuckDB from 1.4 on.

What it offers beside one view for each dataset is handed over as SQL statements, since a store
knows no question. The file is tiny, holds no rows of its own and is replaced whole at every change, so a
shell that has it open keeps the snapshot it opened, and nothing locks the receiver out.
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
    """Publish what is live now. A loader that runs does that by itself."""
    with durable.lock(layout.loader_lock) as no_loader:
        if no_loader:
            publish(layout, take(), statements)


def publish(layout: Layout, snapshot: Snapshot, statements: Sequence[str]) -> None:
    """Replace `audit.duckdb` by one that shows `snapshot` and runs `statements` when it is made.

    Paths in it are absolute, so a store that moved is published again by the next loader.
    """
    draft = draft_path(layout.root, AUDIT_LABEL)
    unwritten = draft.with_name(f"{draft.name}.wal")
    try:
        _write(str(draft), snapshot, statements)
        if unwritten.exists():
            raise NoRoom("audit.duckdb: some of it is not in the file yet")
        durable.replace(draft, layout.audit)
    except duckdb.Error as error:
        raise NoRoom(f"audit.duckdb: {error}") from error
    finally:
        durable.remove(draft, synced=False)
        durable.remove(unwritten, synced=False)


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
        # Closing would do this too, but keep it to itself when the disk is full.
        connection.execute("CHECKPOINT")
