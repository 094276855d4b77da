"""Rows under a legal hold are loaded even if their person was erased."""

from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection

from store.catalog.catalog import Catalog
from store.keepout.rules import KeepingOut
from store.retention import holds
from store.retention.holds import Hold
from store.timestamps import Clock


@dataclass(frozen=True, slots=True)
class _HeldRows:
    active: tuple[Hold, ...]

    def __call__(self, table: pa.Table) -> pa.ChunkedArray | None:
        return holds.held_mask(self.active, table)


def keeping_out(catalog: Catalog, clock: Clock) -> KeepingOut:
    """What keeps records of erased persons out, except those that a hold keeps."""
    return KeepingOut(catalog, clock, _held)


def _held(connection: Connection) -> _HeldRows:
    return _HeldRows(holds.active(connection))
