"""One moment of the store, for whoever asks questions of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from store import ledger
from store.catalog import Catalog
from store.layout import Layout
from store.status import pending
from store.tables import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files as one ledger sequence saw them; it never changes under a reader.

    `files` maps a dataset's name (and `rejected`) to absolute paths of its Parquet parts.
    `taken_at` is UTC without a zone. A batch that is pending is safe on disk and named by
    the ledger, but its rows are not in `files` yet.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float


def take(layout: Layout, catalog: Catalog, now: datetime) -> Snapshot:
    with catalog.read() as connection:
        query = (
            select(files.c.dataset, files.c.path)
            .where(files.c.retired_sequence.is_(None))
            .order_by(files.c.dataset, files.c.day, files.c.path)
        )
        root = layout.root.absolute()
        live: dict[str, list[Path]] = {}
        for dataset, path in connection.execute(query):
            live.setdefault(dataset, []).append(root / path)
        waiting = pending(connection, now)
        return Snapshot(
            sequence=ledger.sequence(connection),
            taken_at=now,
            files={dataset: tuple(paths) for dataset, paths in live.items()},
            pending_batches=waiting.batches,
            lag_seconds=waiting.lag_seconds,
        )
