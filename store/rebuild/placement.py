"""Puts a rebuilt catalog in place, and keeps the old one under a name of its own.

| the process dies         | in the folder                                        | the same command then      |
|--------------------------|------------------------------------------------------|----------------------------|
| before the mark          | the old catalog, a draft                             | begins again               |
| after it                 | the mark; the old catalog and its log under either name | moves what is left      |
| after the draft is named | the new catalog, the mark                            | begins again               |

The log (WAL) of the old catalog moves with it: SQLite would apply it to the new one.
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
    kept = _kept_name(layout, now)
    if kept is not None:
        _write_mark(layout, kept)
        _move(layout.catalog, layout.root / kept)
        _move(_beside(layout.catalog, LOG), _beside(layout.root / kept, LOG))
    durable.remove(_beside(layout.catalog, INDEX), synced=False)
    durable.replace(draft, layout.catalog)
    durable.remove(layout.rebuild_mark)
    return kept


def finish_earlier(layout: Layout) -> None:
    """Complete the step after which an earlier rebuild was killed, if any."""
    kept = _marked(layout)
    if kept and (layout.root / kept).exists() and layout.catalog.exists():
        # Everything was in place but the mark.
        durable.remove(layout.rebuild_mark)


def move_ledger(layout: Layout, now: datetime) -> None:
    """Move `ledger/` away; the next start writes it again from the catalog."""
    durable.replace(layout.ledger, layout.root / f"{REPLACED_LEDGER}{now:{_TIME}}")


def _kept_name(layout: Layout, now: datetime) -> str | None:
    """The name in the mark of an earlier run, so that catalog and log stay together."""
    marked = _marked(layout)
    if marked:
        return marked
    is_any = layout.catalog.exists() or _beside(layout.catalog, LOG).exists()
    return f"{REPLACED_CATALOG}{now:{_TIME}}.sqlite" if is_any else None


def _marked(layout: Layout) -> str:
    return layout.rebuild_mark.read_text("ascii") if layout.rebuild_mark.exists() else ""


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
