"""Enters in the ledger what was kept out, and removes the raw bodies that have it.

As in an erasure, the whole body goes, also with the lines of other people; their rows stay. A body
stays while a batch of another dataset that shares it waits for the loader, and while a legal hold
keeps rows of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from store import timestamps
from store.catalog import ledger, removals
from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.register_tables import excluded_records
from store.catalog.tables import batches, holds
from store.keepout import register
from store.keepout.rules import Excluded
from store.timestamps import Clock

KIND = "kept_out"


def enter(
    connection: Connection, now: datetime, found: Iterable[tuple[CatalogRow, Excluded]]
) -> None:
    """Enter what was kept out of these batches, after they were marked as loaded.

    The caller holds the write lock and commits, in the transaction of the load or replay.
    """
    told = [_told(batch, each) for batch, each in found if each.count]
    sequence = ledger.sequence(connection) + 1
    record(connection, sequence, told)
    retired = _retirable(connection)
    if not told and not retired:
        return
    payload = {
        "batches": told,
        "raw_bodies": len({row["raw_path"] for row in retired}),
        "raw_batches": sorted(row["sequence"] for row in retired),
    }
    ledger.append(connection, KIND, now, payload)
    _retire(connection, retired, sequence, timestamps.to_text(now))


def record(connection: Connection, sequence: int, told: Sequence[Mapping[str, Any]]) -> None:
    """The rows of `excluded_records` from the batches of an entry, as a rebuild makes them too."""
    if not told:
        return
    is_batch = excluded_records.c.batch == bindparam("of_batch")
    again = delete(excluded_records).where(is_batch)
    connection.execute(again, [{"of_batch": each["batch"]} for each in told])
    names = ("batch", "records", "rejected_lines", "is_held")
    rows = [{"sequence": sequence, **{name: each[name] for name in names}} for each in told]
    connection.execute(insert(excluded_records), rows)


def expire(catalog: Catalog, clock: Clock) -> None:
    """End the keep-outs that are past their term."""
    now = clock()
    with catalog.read() as connection:
        if not register.is_over(connection, now):
            return
    with catalog.write() as connection:
        enter(connection, now, [])
        register.expire(connection, now)


def _told(batch: CatalogRow, found: Excluded) -> dict[str, Any]:
    return {
        "batch": batch["sequence"],
        "batch_id": batch["batch_id"],
        "dataset": batch["dataset"],
        "records": found.records,
        "rejected_lines": found.lines,
        "is_held": found.is_held,
    }


def _retirable(connection: Connection) -> list[RowMapping]:
    """The batches of each body from which something was kept out, and that nothing needs now."""
    query = (
        select(batches.c.raw_path)
        .join(excluded_records, excluded_records.c.batch == batches.c.sequence)
        .where(~excluded_records.c.is_held, batches.c.raw_retired_sequence.is_(None))
    )
    owners = [_owners(connection, path) for path in connection.scalars(query.distinct())]
    is_holding = select(func.count()).where(holds.c.released_sequence.is_(None))
    has_holds = bool(owners) and bool(connection.scalar(is_holding))
    return [
        row
        for shared in owners
        # Which rows of another batch a hold keeps is not read here.
        if not (has_holds and len(shared) > 1)
        if all(row["state"] != "entered" for row in shared)
        for row in shared
        if row["raw_retired_sequence"] is None
    ]


def _owners(connection: Connection, path: str) -> Sequence[RowMapping]:
    query = select(batches).where(batches.c.raw_path == path).order_by(batches.c.sequence)
    return connection.execute(query).mappings().all()


def _retire(connection: Connection, retired: list[RowMapping], sequence: int, now: str) -> None:
    if not retired:
        return
    is_batch = batches.c.sequence == bindparam("of_sequence")
    gone = update(batches).where(is_batch).values(raw_retired_sequence=sequence)
    connection.execute(gone, [{"of_sequence": row["sequence"]} for row in retired])
    removals.reschedule(connection, sorted({row["raw_path"] for row in retired}), now)
