"""Differences between Cloudflare's settings and ours, for each place.

A place is a zone or an account. Only a change since the last check becomes an entry, so that the
ledger tells since when records may be incomplete, and not how often the settings were checked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from store.catalog import ledger
from store.catalog.register_tables import drifts
from store.ledger.entry import Entry


def record(
    connection: Connection, place: str, found: Sequence[Mapping[str, Any]], now: datetime
) -> Entry | None:
    """Enter the differences if they changed since the last check; no difference counts as well.

    The caller holds the catalog's write lock. Secrets must be masked already.
    """
    text = orjson.dumps(list(found), option=orjson.OPT_SORT_KEYS).decode()
    last = connection.scalar(select(drifts.c.found).where(drifts.c.place == place))
    if text == (last or "[]"):
        return None
    entry = ledger.append(connection, "drift", now, {"place": place, "found": list(found)})
    connection.execute(delete(drifts).where(drifts.c.place == place))
    connection.execute(insert(drifts), {"place": place, "found": text, "sequence": entry.sequence})
    return entry
