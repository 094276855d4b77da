"""Takes a snapshot: reads from the catalog which files are live at one moment."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.scope import EVERYTHING, Scope, may_hold
from store.catalog.tables import files
from store.files.layout import Layout
from store.reading.snapshot import Snapshot
from store.reading.status import pending
from store.registers import applications, coverage
from store.registers.verdicts import NO_KNOWN_HOURS

_LIVE = (
    select(files.c.dataset, files.c.path, files.c.columns)
    .where(files.c.retired_sequence.is_(None), may_hold())
    .order_by(files.c.dataset, files.c.day, files.c.path)
)


def snapshot(
    layout: Layout, catalog: Catalog, now: datetime, scope: Scope | None = None
) -> Snapshot:
    """All live files, or only those that may hold rows of `scope`."""
    root = layout.root.absolute()
    live: dict[str, list[Path]] = {}
    alike: dict[Path, str] = {}
    with catalog.read() as connection:
        bound = scope.bound() if scope else EVERYTHING
        for dataset, name, columns in connection.execute(_LIVE, bound):
            path = root / name
            live.setdefault(dataset, []).append(path)
            if columns is not None:
                alike[path] = columns
        waiting = pending(connection, now)
        sequence = ledger.sequence(connection)
        held = applications.versions(connection)
        known = coverage.known_hours(connection, scope) if scope else NO_KNOWN_HOURS
    return Snapshot(
        sequence=sequence,
        taken_at=now,
        files={dataset: tuple(paths) for dataset, paths in live.items()},
        columns=alike,
        coverage=known,
        pending_batches=waiting.batches,
        lag_seconds=waiting.lag_seconds,
        applications=held,
    )
