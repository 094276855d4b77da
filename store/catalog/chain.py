"""Checks the hash chain of the ledger."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, RowMapping, select

from store.catalog.tables import entries
from store.ledger.entry import GENESIS, Entry


class Break(NamedTuple):
    """An entry at which the chain is broken."""

    sequence: int
    reason: str


def breaks(connection: Connection) -> Iterator[Break]:
    """Every entry that was changed, removed or inserted, as far as the chain shows."""
    sequence, digest = 0, GENESIS
    query = select(entries).order_by(entries.c.sequence).execution_options(yield_per=1000)
    for row in connection.execute(query).mappings():
        if row["sequence"] != sequence + 1:
            yield Break(row["sequence"], f"the previous entry has number {sequence}")
        elif row["previous"] != digest:
            yield Break(row["sequence"], "it does not name the digest of the previous entry")
        if not _is_sound(row):
            yield Break(row["sequence"], "its digest does not match its content")
        sequence, digest = row["sequence"], row["digest"]


def _is_sound(row: RowMapping) -> bool:
    try:
        fields: dict[str, Any] = {**row, "payload": orjson.loads(row["payload"])}
    except orjson.JSONDecodeError:
        return False
    return Entry(**fields).is_sound()
