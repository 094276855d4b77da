"""Checks that `audit.duckdb` shows the live files, and that no shell left a log beside it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, union

from store import timestamps
from store.catalog.catalog import Catalog
from store.catalog.tables import entries, files
from store.files import durable
from store.files.layout import Layout
from store.fsck.finding import Finding, Kind
from store.reading import views
from store.reading.shell.published import expected_paths, published

# A loader writes the views when its round of batches is over, which may take minutes.
VIEWS_LAG_MAX = timedelta(minutes=10)


def check_audit_views(
    layout: Layout, catalog: Catalog, now: datetime, root: Path | None
) -> Iterator[Finding]:
    """`audit.duckdb` must show all live files, or the DuckDB shell gives wrong answers.

    `root` is the data folder as analysts see it, if it has another path for them.
    """
    shown, problem = _shown(layout, root)
    if not problem:
        problem = _unshown(layout, catalog, now, shown)
    if problem:
        yield Finding(
            kind=Kind.AUDIT_OUTDATED,
            path=layout.audit.name,
            means=f"{problem}: the DuckDB shell shows too few rows, or none",
            repair="written again, unless a loader is running, which does that itself",
        )


def check_shell_logs(layout: Layout) -> Iterator[Finding]:
    """A write-ahead log would change what other shells see, and may contain rows."""
    for path in views.stray_logs(layout):
        yield Finding(
            kind=Kind.STRAY_WAL,
            path=layout.relative(path),
            means="a DuckDB shell that could write left its changes here; they may contain rows",
            repair="deleted; such changes are not part of the store",
        )


def _shown(layout: Layout, root: Path | None) -> tuple[int, str]:
    """The ledger entry up to which the views show the store, or what is wrong with them."""
    if not layout.audit.is_file():
        return 0, "it is missing"
    found = published(layout)
    if found is None:
        return 0, "it cannot be read"
    if found.paths != expected_paths(layout, root):
        return 0, f"it was published as {found.place}, and answers only there"
    return found.sequence, ""


def _unshown(layout: Layout, catalog: Catalog, now: datetime, shown: int) -> str:
    """The problem, if the live files changed long enough ago and the views do not show it."""
    changes = union(
        select(func.min(files.c.added_sequence)).where(files.c.added_sequence > shown),
        select(func.min(files.c.retired_sequence)).where(files.c.retired_sequence > shown),
    )
    with catalog.read() as connection:
        first = min(filter(None, connection.scalars(changes)), default=None)
        at = select(entries.c.recorded_at).where(entries.c.sequence == first)
        recorded_at = connection.scalars(at).one_or_none()
    is_recent = recorded_at is not None and recorded_at > timestamps.to_text(now - VIEWS_LAG_MAX)
    if first is None or (is_recent and durable.is_locked(layout.loader_lock)):
        return ""
    return f"it shows ledger entry {shown}, but live files changed with entry {first}"
