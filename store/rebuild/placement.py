"""Puts a rebuilt catalog in place, and keeps the old one under a name of its own.

| the process dies         | in the folder                        | the next rebuild, before it begins again |
|--------------------------|--------------------------------------|------------------------------------------|
| before the mark          | the old catalog, a draft             | removes the draft                        |
| after it                 | the mark, the old catalog, its log   | gives both their first names back        |
| after the draft is named | the new catalog, the mark            | removes the mark                         |

The old catalog may be the only place that has an entry, so a rebuild always reads it under its first
name. Its log (WAL) moves with it: SQLite would apply it to the new one.
"""

import os
from datetime import datetime
from pathlib import Path

from store.files import durable
from store.files.layout import REPLACED_CATALOG, REPLACED_LEDGER, Layout, draft_path

# Of the drafts of a rebuild: the catalog and the mark.
LABEL = "rebuild"
LOG, INDEX = "-wal", "-shm"
_TIME = "%Y%m%dT%H%M%S%f"


def place(layout: Layout, draft: Path, now: datetime) -> str | None:
    """Returns the name under which the old catalog is kept; None if there was none."""
    if layout.database is not None:
        return _place_in_database(layout, draft, now)
    kept = _kept_name(layout, now)
    if kept is not None:
        _write_mark(layout, kept)
        _move(layout.catalog, layout.root / kept)
        _move(_beside(layout.catalog, LOG), _beside(layout.root / kept, LOG))
    durable.remove(_beside(layout.catalog, INDEX), synced=False)
    durable.replace(draft, layout.catalog)
    durable.remove(layout.rebuild_mark)
    return kept


def _place_in_database(layout: Layout, draft: Path, now: datetime) -> str | None:
    """One transaction replaces every row; what was there before is kept as a SQLite file."""
    # Late: a store with its catalog inside needs no driver of PostgreSQL.
    from store.catalog.databases import postgresql_store  # noqa: PLC0415

    kept, copy = f"{REPLACED_CATALOG}{now:{_TIME}}.sqlite", draft_path(layout.root, LABEL)
    durable.close(durable.create_locked(copy))
    is_any = postgresql_store.copy_out(layout, copy)
    if is_any:
        durable.replace(copy, layout.root / kept)
    else:
        durable.remove(copy, synced=False)
    postgresql_store.fill(layout, draft)
    return kept if is_any else None


def undo_earlier(layout: Layout) -> None:
    """Undo what a killed rebuild moved, if its catalog is not in place: the old one is read again."""
    if not layout.rebuild_mark.exists():
        return
    if not layout.catalog.exists():
        kept = layout.root / layout.rebuild_mark.read_text("ascii")
        # The log first, so that it never lies beside a catalog that is not its own.
        _move(_beside(kept, LOG), _beside(layout.catalog, LOG))
        _move(kept, layout.catalog)
    durable.remove(layout.rebuild_mark)


def move_ledger(layout: Layout, now: datetime) -> None:
    """Move `ledger/` away; the next start writes it again from the catalog."""
    durable.replace(layout.ledger, layout.root / f"{REPLACED_LEDGER}{now:{_TIME}}")


def _kept_name(layout: Layout, now: datetime) -> str | None:
    is_any = layout.catalog.exists() or _beside(layout.catalog, LOG).exists()
    return f"{REPLACED_CATALOG}{now:{_TIME}}.sqlite" if is_any else None


def _write_mark(layout: Layout, kept: str) -> None:
    draft = draft_path(layout.root, LABEL)
    fd = durable.create_locked(draft)
    try:
        durable.write_all(fd, kept.encode("ascii"))
        durable.replace(draft, layout.rebuild_mark)
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)


def _move(source: Path, target: Path) -> None:
    if source.exists():
        durable.replace(source, target)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
