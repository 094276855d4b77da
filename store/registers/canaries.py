"""Canaries that were sent: requests with a mark, which must come back as rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.register_tables import canaries


@dataclass(frozen=True, slots=True)
class Canary:
    """One request; `status` is what it was answered, None where nothing answered."""

    id: str
    sent_at: datetime
    status: int | None


def enter(catalog: Catalog, now: datetime, canary: Canary) -> int:
    """Note that it was sent; the ledger entry's number."""
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
    """Those that were sent since then, oldest first."""
    query = select(canaries.c.id, canaries.c.sent_at, canaries.c.status).where(
        canaries.c.sent_at >= timestamps.to_text(since)
    )
    with catalog.read() as connection:
        found = connection.execute(query.order_by(canaries.c.sent_at, canaries.c.id)).all()
    return [Canary(row.id, timestamps.from_text(row.sent_at), row.status) for row in found]
