"""Looks for entries of the ledger that no longer fit the ones before them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, RowMapping, select

from store.catalog.ledger import GENESIS, Entry
from store.catalog.tables import entries


class Break(NamedTuple):
    """One entry at which the chain does not hold."""

    sequence: int
    reason: str


def breaks(connection: Connection) -> Iterator[Break]:
    """Every entry that was changed, lost or put in later, as far as the chain can tell."""
    sequence, digest = 0, GENESIS
    query = select(entries).order_by(entries.c.sequence).execution_options(yield_per=1000)
    for row in connection.execute(query).mappings():
        if row["sequence"] != sequence + 1:
            yield Break(row["sequence"], f"the entry before it is {sequence}")
        elif row["previous"] != digest:
            yield Break(row["sequence"], "it names another digest than that of the one before it")
        if not _is_sound(row):
            yield Break(row["sequence"], "its digest is not that of what it says")
        sequence, digest = row["sequence"], row["digest"]


def _is_sound(row: RowMapping) -> bool:
    try:
        fields: dict[str, Any] = {**row, "payload": orjson.loads(row["payload"])}
    except orjson.JSONDecodeError:
        return False
    return Entry(**fields).is_sound()
