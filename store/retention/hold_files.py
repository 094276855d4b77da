"""The criteria of each legal hold in a file of its own, so that a lost catalog does not lose them.

`holds/ID.json` has the columns of the catalog's table, with times instead of ledger entries. The
catalog is right where both differ. A file is never removed because its hold was released: an
erasure blanks the name in it (`settle`), as it does in the catalog.
"""

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, RowMapping, select

from store.catalog.tables import entries
from store.catalog.tables import holds as table_of_holds
from store.errors import StoreDamaged
from store.files import durable
from store.files.disk_errors import disk_errors
from store.files.layout import Layout, draft_path

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
    for row in rows(connection):
        wanted = orjson.dumps({name: row[name] for name in _KEPT})
        if _content(_path(layout, row["id"])) != wanted:
            _write(layout, row["id"], wanted)


def settle(layout: Layout, connection: Connection) -> None:
    """As `write_missing`, and remove files of holds that were never entered, and drafts. For an erasure, which
    must leave no name in them; the caller holds the write lock.
    """
    write_missing(layout, connection)
    known = {_path(layout, row["id"]) for row in rows(connection)}
    for path in layout.holds.iterdir() if layout.holds.is_dir() else ():
        if path not in known:
            durable.remove(path)


def ids(layout: Layout) -> set[str]:
    """The holds that have a file."""
    return {path.stem for path in layout.holds.glob("*.json")}


def read(layout: Layout, hold_id: str) -> Mapping[str, Any] | None:
    """What the file of a hold says; None if there is none. StoreDamaged if it cannot be read."""
    content = _content(_path(layout, hold_id))
    if content is None:
        return None
    try:
        found = _ADDED | orjson.loads(content)
        return {name: found[name] for name in _KEPT}
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StoreDamaged(f"{_path(layout, hold_id)}: it is not the file of a hold") from error


def _path(layout: Layout, hold_id: str) -> Path:
    return layout.holds / f"{hold_id}.json"


def _content(path: Path) -> bytes | None:
    with disk_errors(f"reading {path.name}"), contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    return None


def _write(layout: Layout, hold_id: str, content: bytes) -> None:
    durable.make_folder(layout.holds)
    draft = draft_path(layout.holds, LABEL)
    fd = durable.create_locked(draft)
    try:
        durable.write_all(fd, content)
        durable.replace(draft, _path(layout, hold_id))
    finally:
        os.close(fd)
        durable.remove(draft, synced=False)
