"""Removes objects that no published table names any more, by a listing of the folder."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from publishing import sql_catalog, state
from store import timestamps
from store.files import durable
from store.files.layout import Layout

# An engine reads the metadata when a query begins. So long, one that has begun may go on.
GRACE = timedelta(minutes=10)


def sweep(
    layout: Layout,
    kept: Collection[Path],
    left: Mapping[str, str],
    now: datetime,
    *,
    is_at_once: bool,
) -> dict[str, str]:
    """Remove all objects but those of `kept` whose grace is over; which ones wait, and since when.

    `left` is what waited before. After an erasure nothing waits.
    """
    waiting = dict[str, str]()
    for path in objects(layout):
        if path in kept:
            continue
        name = layout.relative(path)
        since = left.get(name, timestamps.to_text(now))
        if is_at_once or now - timestamps.from_text(since) >= GRACE:
            durable.remove(path)
        else:
            waiting[name] = since
    return waiting


def is_due(left: Mapping[str, str], now: datetime) -> bool:
    """Whether an object has waited for its grace."""
    return any(now - timestamps.from_text(since) >= GRACE for since in left.values())


def remove_all(layout: Layout) -> None:
    """Remove every table, its catalog, and the state; nothing is left but empty folders."""
    for path in _files(layout):
        durable.remove(path)


def objects(layout: Layout) -> Iterator[Path]:
    """All files but the catalog and the state."""
    for path in _files(layout):
        is_ours = path.parent == layout.published and path.name.startswith(
            (sql_catalog.NAME, state.NAME)
        )
        if not is_ours:
            yield path


def _files(layout: Layout) -> list[Path]:
    return sorted(path for path in layout.published.rglob("*") if not path.is_dir())
