"""Rows under a legal hold are loaded even if their person was erased."""

from functools import partial

from sqlalchemy import Connection

from store.catalog.catalog import Catalog
from store.keepout.rules import Held, KeepingOut
from store.retention import holds
from store.timestamps import Clock


def keeping_out(catalog: Catalog, clock: Clock) -> KeepingOut:
    """What keeps records of erased persons out, except those that a hold keeps."""
    return KeepingOut(catalog, clock, _held)


def _held(connection: Connection) -> Held:
    return partial(holds.held_mask, holds.active(connection))
