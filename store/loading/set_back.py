"""Batches whose state was set back by hand: they wait to be loaded, though an entry loaded them.

The loader leaves these out. Loaded a second time, their rows would be there twice.
"""

from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.tables import batches
from store.log import Log

IS_WAITING = (batches.c.state == "entered") & batches.c.loaded_sequence.is_(None)
IS_SET_BACK = (batches.c.state == "entered") & batches.c.loaded_sequence.is_not(None)


def set_right(catalog: Catalog, log: Log) -> int:
    """Set the state of such batches to what the ledger says; return how many there were."""
    query = select(batches.c.sequence, batches.c.batch_id, batches.c.loaded_sequence)
    found = query.where(IS_SET_BACK)
    with catalog.read() as connection:
        if connection.execute(found.limit(1)).first() is None:
            return 0
    with catalog.write() as connection:
        rows = connection.execute(found).mappings().all()
        told = {row["sequence"]: _facts(connection, row) for row in rows}
        for sequence, facts in told.items():
            connection.execute(update(batches).where(batches.c.sequence == sequence).values(facts))
    for row in rows:
        state = told[row["sequence"]].get("state", "entered")
        log.error("state set back", batch=row["batch_id"], entry=row["sequence"], state=state)
    return len(rows)


def _facts(connection: Connection, row: RowMapping) -> dict[str, Any]:
    """Loaded, if the entry that it names says so; otherwise it was never loaded."""
    loaded = row["loaded_sequence"]
    for entry in ledger.between(connection, loaded - 1, loaded + 1):
        for told in entry.payload.get("batches", [entry.payload]):
            if told.get("batch") == row["sequence"]:
                return {"state": "loaded"}
    return {"loaded_sequence": None}
