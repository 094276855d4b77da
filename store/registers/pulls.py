"""What was asked of an API, in the ledger: which window, what came, which batch holds it.

The newest entry of a source is also its cursor. It is written after the batch, never before, so
that whatever dies between leaves a window that is asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, func, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.tables import entries
from store.timestamps import Clock


def positions(catalog: Catalog) -> dict[str, datetime]:
    """Up to when each dataset was asked for without a gap, of whichever account it is newest."""
    dataset, until = _fact("dataset"), _fact("until")
    query = select(dataset, func.max(until)).where(entries.c.kind == "pulled", _fact("is_next"))
    with catalog.read() as connection:
        found = connection.execute(query.group_by(dataset))
        return {name: timestamps.from_text(text) for name, text in found}


def _fact(name: str) -> ColumnElement[Any]:
    return func.json_extract(entries.c.payload, f"$.{name}")


@dataclass(frozen=True, slots=True)
class Pulls:
    """Those of one source: a dataset of one account."""

    catalog: Catalog
    clock: Clock
    dataset: str
    account: str

    def position(self) -> datetime | None:
        """Up to when this source was asked for, without a gap; None before the first time."""
        query = select(entries.c.payload).where(entries.c.kind == "pulled")
        newest_first = query.order_by(entries.c.sequence.desc())
        with self.catalog.read() as connection:
            for text in connection.scalars(newest_first):
                payload = orjson.loads(text)
                source = payload["dataset"], payload["account"]
                if source == (self.dataset, self.account) and payload["is_next"]:
                    return timestamps.from_text(payload["until"])
        return None

    def enter(self, since: datetime, until: datetime, facts: Mapping[str, Any]) -> None:
        """`is_next` in `facts` where this window follows the one before without a gap."""
        payload = {
            "dataset": self.dataset,
            "account": self.account,
            "since": timestamps.to_text(since),
            "until": timestamps.to_text(until),
            **facts,
        }
        with self.catalog.write() as connection:
            ledger.append(connection, "pulled", self.clock(), payload)
