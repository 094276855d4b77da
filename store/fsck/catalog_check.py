"""Checks the catalog for contradictions."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Select, or_, select

from store import timestamps
from store.catalog import counts
from store.catalog.catalog import Catalog
from store.catalog.chain import breaks
from store.catalog.tables import batches, entries, files, removals
from store.fsck.finding import Finding, Kind

# The loader deletes a hundred files at a time and loads batches first, so deletions may be late.
OVERDUE = timedelta(hours=1)

# Columns of a batch that must equal its ledger entry.
ENTERED = ("batch_id", "dataset", "content", "body_bytes", "raw_path", "received_at")

LOOK = "restore a backup into a new folder and compare; a ledger cannot be repaired"


def check_catalog(catalog: Catalog, now: datetime) -> Iterator[Finding]:
    """Checks one consistent read of the catalog."""
    with catalog.read() as connection:
        for each in breaks(connection):
            means = f"{each.reason}: the ledger was changed after it was written"
            path = f"entries/{each.sequence}"
            yield Finding(kind=Kind.LEDGER_BROKEN, path=path, means=means, helps=LOOK)
        yield from _mismatches(connection)
        yield from _totals(connection)
        yield from _overdue(connection, now)


def _mismatches(connection: Connection) -> Iterator[Finding]:
    joined = (
        select(batches, entries.c.kind, entries.c.payload)
        .join(entries, entries.c.sequence == batches.c.sequence, isouter=True)
        .execution_options(yield_per=1000)
    )
    moved = _moved_batches(connection)
    for row in connection.execute(joined).mappings():
        if row["kind"] != "batch":
            yield _mismatch(f"batches/{row['sequence']}", "no ledger entry records this batch")
        elif wrong := _differing_columns(row, moved.get(row["sequence"], {})):
            means = f"its ledger entry differs in {', '.join(wrong)}"
            yield _mismatch(f"batches/{row['sequence']}", means)
    for sequence in connection.scalars(_lost_batches()):
        means = "it records a batch that has no row in the catalog"
        yield _mismatch(f"entries/{sequence}", means)
    for path, sequence in connection.execute(_parts_without_entry()):
        yield _mismatch(path, f"it names ledger entry {sequence}, which does not exist")


def _moved_batches(connection: Connection) -> dict[int, dict[str, str]]:
    """The dataset that each moved batch belongs to now, by its sequence."""
    query = select(entries.c.payload).where(entries.c.kind == "reassigned")
    found: dict[int, dict[str, str]] = {}
    for text in connection.scalars(query.order_by(entries.c.sequence)):
        # A damaged entry is a finding of its own.
        with suppress(orjson.JSONDecodeError, KeyError, TypeError):
            payload = orjson.loads(text)
            for told in payload["batches"]:
                found[told["batch"]] = {"dataset": payload["into"]}
    return found


def _differing_columns(row: Any, moved: dict[str, str]) -> list[str]:
    try:
        told = {**orjson.loads(row["payload"]), **moved}
        return [name for name in ENTERED if told[name] != row[name]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ["everything: it cannot be read"]


def _lost_batches() -> Select[Any]:
    joined = entries.join(batches, batches.c.sequence == entries.c.sequence, isouter=True)
    is_lost = (entries.c.kind == "batch") & batches.c.sequence.is_(None)
    return select(entries.c.sequence).select_from(joined).where(is_lost)


def _parts_without_entry() -> Select[Any]:
    known = select(entries.c.sequence)
    is_without = or_(
        files.c.added_sequence.not_in(known),
        files.c.retired_sequence.is_not(None) & files.c.retired_sequence.not_in(known),
    )
    return select(files.c.path, files.c.added_sequence).where(is_without)


def _mismatch(path: str, means: str) -> Finding:
    return Finding(kind=Kind.ENTRY_MISMATCH, path=path, means=means, helps=LOOK)


def _totals(connection: Connection) -> Iterator[Finding]:
    held, found = counts.read(connection), counts.scan(connection)
    for key in sorted(held.keys() | found.keys()):
        if held[key] != found[key]:
            yield Finding(
                kind=Kind.TOTALS_DIFFER,
                path="/".join(("counts", *filter(None, key))),
                means=f"`status` shows {held[key]:,}, but the count is {found[key]:,}",
                repair="counted again",
            )


def _overdue(connection: Connection, now: datetime) -> Iterator[Finding]:
    is_late = removals.c.due_at < timestamps.to_text(now - OVERDUE)
    is_overdue = is_late & removals.c.shown_until.is_(None)
    query = select(removals.c.path, removals.c.due_at).where(is_overdue).order_by(removals.c.path)
    for path, due_at in connection.execute(query):
        yield Finding(
            kind=Kind.REMOVAL_OVERDUE,
            path=path,
            means=f"it was due for deletion at {due_at}, and no loader has deleted it",
            repair="deleted",
        )
