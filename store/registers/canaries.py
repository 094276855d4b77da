"""Canaries: marked requests that were sent, and that must arrive as rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.register_tables import canaries


@dataclass(frozen=True, slots=True)
class Canary:
    """One request; `status` is the HTTP status of its answer, None if there was none."""

    id: str
    sent_at: datetime
    status: int | None


def enter(catalog: Catalog, now: datetime, canary: Canary) -> int:
    """Record that it was sent; return the sequence of the ledger entry."""
    facts = {
        "id": canary.id,
        "sent_at": timestamps.to_text(canary.sent_at),
        "status": canary.status,
    }
    with catalog.write() as connection:
        sequence = ledger.append(connection, "canary", now, facts).sequence
        connection.execute(insert(canaries).values(**facts, sequence=sequence))
    return sequence


def sent(catalog: Catalog, since: datetime) -> list[Canary]:
    """The canaries sent since a moment, oldest first."""
    query = select(canaries.c.id, canaries.c.sent_at, canaries.c.status).where(
        canaries.c.sent_at >= timestamps.to_text(since)
    )
    with catalog.read() as connection:
        found = connection.execute(query.order_by(canaries.c.sent_at, canaries.c.id)).all()
    return [Canary(row.id, timestamps.from_text(row.sent_at), row.status) for row in found]
