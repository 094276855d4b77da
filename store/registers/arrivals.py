"""What arrived of a dataset and when, as the catalog tells it: rows that went later still count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, func, select

from store import timestamps
from store.catalog import ledger
from store.catalog.tables import batches, entries
from store.lifetimes import cutoff

# Of ledger entries at once; each is some kilobytes.
ENTRIES_AT_ONCE = 500


class Times(NamedTuple):
    """The first and last event of something."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One batch. `records` is None until somebody has read it; `events` are those of all batches
    that were loaded together with it, and None where no record has a time.
    """

    batch_id: str
    received_at: datetime
    records: int | None
    bytes: int
    is_unread: bool
    events: Times | None


@dataclass(frozen=True, slots=True)
class Gone:
    """What we ourselves let go of: rows of events before `cutoff`, and `erased` rows of any time."""

    cutoff: datetime | None
    erased: int


def arrivals(connection: Connection, dataset: str, since: datetime) -> Iterator[Arrival]:
    """Every batch of a dataset that was received since then, oldest first."""
    columns = (
        batches.c.batch_id,
        batches.c.received_at,
        batches.c.state,
        batches.c.rows,
        batches.c.rejected_lines,
        batches.c.body_bytes,
        batches.c.loaded_sequence,
    )
    received = select(*columns).where(*_received(dataset, since))
    found = connection.execute(received.order_by(batches.c.received_at)).all()
    loaded = sorted({row.loaded_sequence for row in found if row.loaded_sequence is not None})
    events = _events(connection, dataset, loaded)
    for row in found:
        is_loaded = row.state == "loaded"
        yield Arrival(
            batch_id=row.batch_id,
            received_at=timestamps.from_text(row.received_at),
            records=(row.rows or 0) + (row.rejected_lines or 0) if is_loaded else None,
            bytes=row.body_bytes,
            is_unread=row.state == "unread",
            events=events.get(row.loaded_sequence),
        )


def _events(connection: Connection, dataset: str, sequences: Sequence[int]) -> Mapping[int, Times]:
    """The ledger says it for ever, whatever became of the parts."""
    found: dict[int, Times] = {}
    for start in range(0, len(sequences), ENTRIES_AT_ONCE):
        some = sequences[start : start + ENTRIES_AT_ONCE]
        query = select(entries.c.sequence, entries.c.payload).where(entries.c.sequence.in_(some))
        for sequence, payload in connection.execute(query):
            parts = [
                part
                for part in orjson.loads(payload).get("files", ())
                if part["dataset"] == dataset and part["time_min"] and part["time_max"]
            ]
            if parts:
                found[sequence] = Times(
                    timestamps.from_text(min(part["time_min"] for part in parts)),
                    timestamps.from_text(max(part["time_max"] for part in parts)),
                )
    return found


def _received(dataset: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    # Every state there is, so that an index serves.
    return (
        batches.c.state.in_(("entered", "loaded", "unread")),
        batches.c.dataset == dataset,
        batches.c.received_at >= timestamps.to_text(since),
    )


def datasets(connection: Connection) -> list[str]:
    """Every dataset that something ever arrived of."""
    return list(
        connection.scalars(select(batches.c.dataset).distinct().order_by(batches.c.dataset))
    )


def gone(connection: Connection, dataset: str, since: datetime) -> Gone:
    """Of what was received since then."""
    first = select(func.min(batches.c.sequence)).where(*_received(dataset, since))
    before, erased = None, 0
    for entry in ledger.of_kinds(connection, ("retired", "erased"), connection.scalar(first) or 0):
        if entry.kind == "erased":
            erased += entry.payload["datasets"].get(dataset, {}).get("rows", 0)
        elif entry.payload["dataset"] == dataset:
            before = (
                cutoff(timestamps.from_text(entry.recorded_at), entry.payload["days"]) or before
            )
    return Gone(before, erased)
