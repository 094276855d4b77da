"""Which batches of a dataset arrived when, including batches whose rows were removed later."""

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

# Ledger entries read at once; each has some kilobytes.
ENTRIES_AT_ONCE = 500


class Times(NamedTuple):
    """The first and last event of something."""

    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One batch. `records` is None until it is loaded.

    `events` covers all batches that were loaded together with it; None if no record has a time.
    """

    batch_id: str
    received_at: datetime
    records: int | None
    bytes: int
    is_unread: bool
    events: Times | None


@dataclass(frozen=True, slots=True)
class Removed:
    """What retention and erasure removed: rows before `cutoff`, and `erased` rows of any time, with
    those that were kept out after an erasure.
    """

    cutoff: datetime | None
    erased: int


def arrivals(connection: Connection, dataset: str, since: datetime) -> Iterator[Arrival]:
    """Every batch of a dataset that was received since a moment, oldest first."""
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
    """By the ledger entry that loaded them, which stays when the parts are removed."""
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
    # Naming every state lets an index answer.
    return (
        batches.c.state.in_(("entered", "loaded", "unread")),
        batches.c.dataset == dataset,
        batches.c.received_at >= timestamps.to_text(since),
    )


def datasets(connection: Connection) -> list[str]:
    """Every dataset of which a batch ever arrived."""
    return list(
        connection.scalars(select(batches.c.dataset).distinct().order_by(batches.c.dataset))
    )


def removed(connection: Connection, dataset: str, since: datetime) -> Removed:
    """What was removed of the batches received since a moment."""
    first = select(func.min(batches.c.sequence)).where(*_received(dataset, since))
    before, erased = None, 0
    kinds = ("retired", "erased", "kept_out")
    for entry in ledger.of_kinds(connection, kinds, connection.scalar(first) or 0):
        if entry.kind == "erased":
            erased += entry.payload["datasets"].get(dataset, {}).get("rows", 0)
        elif entry.kind == "kept_out":
            told = entry.payload["batches"]
            erased += sum(each["records"] for each in told if each["dataset"] == dataset)
        elif entry.payload["dataset"] == dataset:
            before = (
                cutoff(timestamps.from_text(entry.recorded_at), entry.payload["days"]) or before
            )
    return Removed(before, erased)
