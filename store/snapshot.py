"""One moment of the store, for whoever asks questions of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Column, ColumnElement, Connection, func, select

from store import moment
from store.catalog import Catalog
from store.layout import REJECTED, Layout
from store.tables import batches, entries, files


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


@dataclass(frozen=True, slots=True)
class Pending:
    """Batches that are entered and not yet loaded, and the age of the oldest."""

    batches: int
    lag_seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """What can be told at any rate of asking: it reads an index, not every batch."""

    sequence: int
    pending: Pending
    unread_batches: int


@dataclass(frozen=True, slots=True)
class DatasetTotals:
    rows: int
    rejected_lines: int
    blank_lines: int
    batches: int
    unread_batches: int
    body_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What the store holds and how far behind it is, as of one ledger sequence."""

    sequence: int
    digest: str
    datasets: Mapping[str, DatasetTotals]
    batches: int
    pending: Pending
    files: int
    parquet_bytes: int


def take(layout: Layout, catalog: Catalog, now: datetime) -> Snapshot:
    with catalog.read() as connection:
        query = (
            select(files.c.dataset, files.c.path)
            .where(files.c.retired_sequence.is_(None))
            .order_by(files.c.dataset, files.c.day, files.c.path)
        )
        live: dict[str, list[Path]] = {}
        for dataset, path in connection.execute(query):
            live.setdefault(dataset, []).append(layout.root.absolute() / path)
        waiting = pending(connection, now)
        return Snapshot(
            sequence=_sequence(connection),
            taken_at=now,
            files={dataset: tuple(paths) for dataset, paths in live.items()},
            pending_batches=waiting.batches,
            lag_seconds=waiting.lag_seconds,
        )


def pending(connection: Connection, now: datetime) -> Pending:
    query = select(func.count(), func.min(batches.c.received_at)).where(
        batches.c.state == "entered"
    )
    count, oldest = connection.execute(query).one()
    lag = (now - moment.from_text(oldest)).total_seconds() if oldest else 0.0
    return Pending(count, max(lag, 0.0))


def progress(catalog: Catalog, now: datetime) -> Progress:
    with catalog.read() as connection:
        unread = select(func.count()).where(batches.c.state == "unread")
        return Progress(
            sequence=_sequence(connection),
            pending=pending(connection, now),
            unread_batches=connection.execute(unread).scalar_one(),
        )


def status(catalog: Catalog, now: datetime) -> Status:
    with catalog.read() as connection:
        totals = _totals(connection)
        live = select(func.count(), func.coalesce(func.sum(files.c.bytes), 0)).where(
            files.c.retired_sequence.is_(None), files.c.dataset != REJECTED
        )
        file_count, parquet_bytes = connection.execute(live).one()
        digest = select(entries.c.digest).order_by(entries.c.sequence.desc()).limit(1)
        return Status(
            sequence=_sequence(connection),
            digest=connection.execute(digest).scalar() or "",
            datasets=totals,
            batches=sum(each.batches for each in totals.values()),
            pending=pending(connection, now),
            files=file_count,
            parquet_bytes=parquet_bytes,
        )


def _totals(connection: Connection) -> dict[str, DatasetTotals]:
    def total(column: Column[int]) -> ColumnElement[int]:
        return func.coalesce(func.sum(column), 0)

    query = (
        select(
            batches.c.dataset,
            total(batches.c.rows),
            total(batches.c.rejected_lines),
            total(batches.c.blank_lines),
            func.count(),
            func.count().filter(batches.c.state == "unread"),
            total(batches.c.body_bytes),
        )
        .group_by(batches.c.dataset)
        .order_by(batches.c.dataset)
    )
    return {dataset: DatasetTotals(*counts) for dataset, *counts in connection.execute(query)}


def _sequence(connection: Connection) -> int:
    return connection.execute(select(func.max(entries.c.sequence))).scalar() or 0
