"""The criteria of each legal hold in a file of its own, so that a lost catalog does not lose them.

`holds/ID.json` has the columns of the catalog's table, with times instead of ledger entries.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from store.catalog.tables import entries
from store.catalog.tables import holds as table_of_holds
from store.files.layout import Layout
from store.ledger.act_files import ActFiles

LABEL = "hold"
CRITERIA = ("user", "host", "since", "until")
_KEPT = ("id", *CRITERIA, "is_exact", "reason", "placed_at", "released_at", "release_reason")
# What files of older versions lack: their holds cover exactly the name.
_ADDED = {"is_exact": True}


def rows(connection: Connection) -> list[RowMapping]:
    """Every hold of the catalog, oldest first, with the times of its entries."""
    placed, released = entries.alias("placed"), entries.alias("released")
    query = (
        select(
            table_of_holds,
            placed.c.recorded_at.label("placed_at"),
            released.c.recorded_at.label("released_at"),
        )
        .join(placed, placed.c.sequence == table_of_holds.c.placed_sequence)
        .outerjoin(released, released.c.sequence == table_of_holds.c.released_sequence)
        .order_by(table_of_holds.c.placed_sequence)
    )
    return list(connection.execute(query).mappings())


def write_missing(layout: Layout, connection: Connection) -> None:
    """Write the file of each hold that has none, or whose file differs from the catalog."""
    _files(layout).write_missing(_by_id(connection))


def settle(layout: Layout, connection: Connection) -> None:
    """As `write_missing`, and remove files of holds that were never entered, and drafts. For an
    erasure; the caller holds the write lock.
    """
    _files(layout).settle(_by_id(connection))


def blank(connection: Connection, released: Collection[str]) -> None:
    """Blank the user of released holds in the catalog; `settle` blanks their files."""
    is_one = table_of_holds.c.id.in_(released)
    connection.execute(update(table_of_holds).where(is_one).values(user=None))


def ids(layout: Layout) -> set[str]:
    """The holds that have a file."""
    return _files(layout).ids()


def read(layout: Layout, hold_id: str) -> Mapping[str, Any] | None:
    """What the file of a hold says; None if there is none. StoreDamaged if it cannot be read."""
    return _files(layout).read(hold_id)


def _files(layout: Layout) -> ActFiles:
    return ActFiles(layout.holds, LABEL, _KEPT, _ADDED)


def _by_id(connection: Connection) -> Mapping[str, RowMapping]:
    return {row["id"]: row for row in rows(connection)}
