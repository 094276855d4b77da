"""Stray files: what they are, as far as they tell, and how a person ends them.

A stray file is a finished file that the catalog does not know; see store/files/stray.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from store import timestamps
from store.catalog import ledger, removals
from store.errors import StoreDamaged, StrayRefused
from store.files import stray
from store.files.copying import sha256_of
from store.files.stray import StrayFile
from store.parquet import stray_part
from store.parquet.stray_part import StrayPart
from store.registers import acknowledgements
from store.retention import holds
from store.store import Store


@dataclass(frozen=True, slots=True)
class Stray:
    """A stray file; `part` is None if it is no readable Parquet file."""

    file: StrayFile
    part: StrayPart | None
    acknowledged: str | None


def listed(store: Store) -> Iterator[Stray]:
    """Every stray file, except those that were dropped and wait for their removal."""
    with store.catalog.read() as connection:
        known = acknowledgements.listed(connection)
        gone = removals.scheduled(connection, store.layout.stray.name)
    for file in stray.found(store.layout):
        if file.path not in gone:
            acknowledged = known.get(file.alarm)
            part = stray_part.read(store.layout.root / file.path)
            yield Stray(file, part, acknowledged.reason if acknowledged else None)


def drop(store: Store, stray_id: str, reason: str) -> Stray:
    """Delete a stray file; the ledger says what it was and why it was deleted.

    StrayRefused if there is no such file, or if rows in it are under a hold.
    """
    found = next((each for each in listed(store) if each.file.id == stray_id), None)
    if found is None:
        raise StrayRefused(f"no stray file {stray_id!r}; see `raytrail stray list`")
    sha256 = _sha256(store, found)
    now = store.clock()
    with store.catalog.write() as connection:
        _demand_no_hold(store, connection, found)
        part = found.part
        facts = {
            "file": found.file.id,
            "path": found.file.original,
            "bytes": found.file.bytes,
            "sha256": sha256,
            "dataset": part.dataset if part else None,
            "day": part.day if part else None,
            "rows": part.rows if part else None,
            "reason": reason,
        }
        ledger.append(connection, "dropped", now, facts)
        removals.reschedule(connection, [found.file.path], timestamps.to_text(now))
    while removals.remove_due(store.layout, store.catalog, store.clock()):
        pass
    return found


def _sha256(store: Store, found: Stray) -> str | None:
    try:
        return sha256_of(store.layout.root, found.file.path)
    except StoreDamaged:
        return None


def _demand_no_hold(store: Store, connection: Connection, found: Stray) -> None:
    active = holds.active(connection)
    if not active or found.part is None:
        return
    try:
        held = stray_part.count(
            store.layout.root / found.file.path, lambda table: holds.held_mask(active, table)
        )
    except StoreDamaged:
        return
    if held:
        raise StrayRefused(
            f"{held:,} rows of {found.file.original} are under a hold; release the hold first"
        )
