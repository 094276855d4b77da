"""One moment of the store, for whoever asks questions of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.scope import EVERYTHING, Scope, may_hold
from store.catalog.tables import files
from store.files.layout import Layout
from store.reading.status import pending
from store.registers import applications, coverage
from store.registers.applications import Held
from store.registers.coverage import NOTHING_KNOWN, Known

_LIVE = (
    select(files.c.dataset, files.c.path, files.c.columns)
    .where(files.c.retired_sequence.is_(None), may_hold())
    .order_by(files.c.dataset, files.c.day, files.c.path)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files as one ledger sequence saw them; it never changes under a reader.

    `files` maps a dataset's name (and `rejected`) to absolute paths of its Parquet parts.
    `taken_at` is UTC without a zone. A batch that is pending is safe on disk and named by
    the ledger, but its rows are not in `files` yet. `columns` holds the fingerprint of each
    part that has one. `applications` are all versions of all Access applications that were told.
    `coverage` is what is known of how complete the scope's dataset is, and empty where the
    snapshot was taken of no scope.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float
    columns: Mapping[Path, str] = field(default_factory=dict)
    applications: tuple[Held, ...] = ()
    coverage: Known = NOTHING_KNOWN

    def alike(self, dataset: str) -> list[tuple[str | None, tuple[Path, ...]]]:
        """A dataset's parts by the fingerprint of their columns.

        Those without one come first: whether they are alike, nobody has noted.
        """
        groups: dict[str | None, list[Path]] = {}
        for path in self.files.get(dataset, ()):
            groups.setdefault(self.columns.get(path), []).append(path)
        ordered = sorted(groups.items(), key=lambda group: group[0] or "")
        return [(columns, tuple(paths)) for columns, paths in ordered]


def take(layout: Layout, catalog: Catalog, now: datetime, scope: Scope | None = None) -> Snapshot:
    """All live files, or those that may hold rows of `scope`."""
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
        held = applications.all_held(connection)
        known = coverage.known(connection, scope) if scope else NOTHING_KNOWN
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
