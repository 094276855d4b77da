"""Alarms of `raytrail doctor` that a person has looked at, and why they need no action; and findings.

An alarm is a word, a dataset or an id, such as `rejected/http_requests` or `stray/0123456789ab`. It
has an amount: the number of lines, batches or files. An acknowledgement covers an alarm as long as
its amount has not grown. A finding is `finding/` with its id, and its amount is 1; 0 withdraws the
acknowledgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from store.catalog import ledger, removals
from store.catalog.register_tables import acknowledgements
from store.files import stray
from store.files.layout import Layout
from store.files.stray import StrayFile
from store.ledger.entry import Entry

FINDING = "finding/"


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote, and the account under which the command ran, if it was asked for."""

    reason: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """`reason` is what a person wrote. Who acknowledges an alarm is not known."""

    alarm: str
    amount: int
    reason: str
    acknowledged_at: str

    def covers(self, amount: int) -> bool:
        return amount <= self.amount


def acknowledge(
    connection: Connection, alarm: str, amount: int, said: Said, now: datetime
) -> Entry:
    """Enter it in the ledger. The caller holds the catalog's write lock."""
    facts = {"alarm": alarm, "amount": amount, "reason": said.reason}
    if said.by is not None:
        facts["by"] = said.by
    entry = ledger.append(connection, "acknowledged", now, facts)
    add(connection, entry)
    return entry


def add(connection: Connection, entry: Entry) -> None:
    """The row of an entry; it replaces an earlier one of the same alarm."""
    row = {name: entry.payload[name] for name in ("alarm", "amount", "reason")}
    connection.execute(delete(acknowledgements).where(acknowledgements.c.alarm == row["alarm"]))
    row |= {
        "acknowledged_at": entry.recorded_at,
        "acknowledged_by": entry.payload.get("by"),
        "sequence": entry.sequence,
    }
    connection.execute(insert(acknowledgements), row)


def strays(connection: Connection, layout: Layout) -> list[StrayFile]:
    """The files in `stray/` that nobody has acknowledged or dropped."""
    known = listed(connection)
    dropped = removals.scheduled(connection, layout.stray.name)
    found = stray.found(layout)
    return [file for file in found if file.alarm not in known and file.path not in dropped]


def listed(connection: Connection) -> Mapping[str, Acknowledgement]:
    """The newest acknowledgement of each alarm."""
    columns = acknowledgements.c
    query = select(columns.alarm, columns.amount, columns.reason, columns.acknowledged_at)
    return {row.alarm: Acknowledgement(*row) for row in connection.execute(query)}
