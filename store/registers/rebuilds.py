"""When the catalog was last made again, and why: a fact beside the ledger's entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from store.catalog import ledger
from store.catalog.tables import facts
from store.ledger.entry import Entry

FACT = "rebuilt"

# A disk that lost a folder leaves thousands of sentences, and the log has them all.
SENTENCES_KEPT = 20


@dataclass(frozen=True, slots=True)
class Rebuild:
    """`unknown` is the number of things that could not be known."""

    at: str
    why: str
    unknown: int


def record(connection: Connection, why: str, unknown: Sequence[str], now: datetime) -> Entry:
    """Enter a rebuild in the ledger. The caller holds the catalog's write lock."""
    told = {"why": why, "unknown": len(unknown), "sentences": list(unknown[:SENTENCES_KEPT])}
    entry = ledger.append(connection, "rebuilt", now, told)
    connection.execute(delete(facts).where(facts.c.name == FACT))
    connection.execute(insert(facts), {"name": FACT, "value": str(entry.sequence)})
    return entry


def latest(connection: Connection) -> Rebuild | None:
    sequence = connection.scalar(select(facts.c.value).where(facts.c.name == FACT))
    if sequence is None:
        return None
    [entry] = ledger.between(connection, int(sequence) - 1, int(sequence) + 1)
    return Rebuild(entry.recorded_at, entry.payload["why"], entry.payload["unknown"])
