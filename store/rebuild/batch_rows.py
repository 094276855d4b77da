"""The rows of `batches`, and the removals of raw bodies, from ledger entries.

Most batches are loaded by an entry soon after their own, and never change again: such a row is
inserted once, complete. Later changes are made in the table.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, case, func, insert, select, update

from store import timestamps
from store.catalog import removals
from store.catalog.removals import GRACE
from store.catalog.tables import batches, entries
from store.ledger.entry import Entry
from store.loading.diagnosis import NOTED, NOTED_COUNTS

ROWS_AT_ONCE = 1_000

# The columns of `batches` that a batch's own entry has.
_ENTERED = (
    "batch_id",
    "dataset",
    "content",
    "body_bytes",
    "inflated_bytes",
    "received_at",
    "raw_path",
    "reason",
    "sent_as",
    "begun_by",
)
_COUNTED = ("rows", "rejected_lines", "blank_lines")
_EMPTY = {column.name: None for column in batches.columns} | {
    "attempts": 0,
    "deaths": 0,
    "resends": 0,
}
_IS_BATCH = batches.c.sequence == bindparam("of_sequence")


@dataclass(slots=True)
class BatchRows:
    """`undescribed` counts loaded batches whose entry does not say how their lines were decoded."""

    connection: Connection
    undescribed: int = 0
    _waiting: dict[int, dict[str, Any]] = field(default_factory=dict)
    _complete: list[dict[str, Any]] = field(default_factory=list)

    def enter(self, entry: Entry) -> None:
        told = entry.payload
        row = {**_EMPTY, **{name: told.get(name) for name in _ENTERED}}
        row["sequence"] = entry.sequence
        row["state"] = "unread" if told.get("reason") else "entered"
        row["is_fetched"] = bool(told.get("is_fetched"))
        row["recovered"] = bool(told.get("recovered"))
        self._waiting[entry.sequence] = row

    def load(self, entry: Entry) -> None:
        # Versions before 0.2 loaded one batch at a time, and wrote no list.
        for told in entry.payload.get("batches", [entry.payload]):
            facts = {"state": "loaded", "loaded_sequence": entry.sequence, "attempts": 1}
            row = self._waiting.pop(told["batch"], None)
            if row is None:
                self._change(told["batch"], {**facts, **_decoded(told)})
            else:
                self._complete.append({**row, **facts, **_decoded(told)})
            self.undescribed += "shape" not in told
        if len(self._complete) >= ROWS_AT_ONCE:
            self._insert_complete()

    def set_aside(self, entry: Entry) -> None:
        facts = {"state": "unread", "reason": entry.payload["reason"], "attempts": 1}
        self._change(entry.payload["batch"], facts)

    def replay(self, entry: Entry) -> None:
        for told in entry.payload["batches"]:
            if "after" in told:
                facts = {"state": "loaded", "reason": None, "loaded_sequence": entry.sequence}
                if "into" in entry.payload:
                    facts["dataset"] = entry.payload["into"]
                cleared = dict.fromkeys(NOTED)
                self._change(told["batch"], {**cleared, **facts, **_decoded(told["after"])})
                self.undescribed += "shape" not in told["after"]

    def resend(self, entry: Entry) -> None:
        """The ledger has a resend only where it was compressed differently."""
        sequence = entry.payload["batch"]
        if sequence in self._waiting:
            self._waiting[sequence]["resends"] += 1
        else:
            self._update([sequence], {"resends": batches.c.resends + 1})

    def retire_bodies(self, entry: Entry) -> None:
        sequences = entry.payload.get("raw_batches", ())
        for sequence in sequences:
            if sequence in self._waiting:
                self._waiting[sequence]["raw_retired_sequence"] = entry.sequence
        others = [each for each in sequences if each not in self._waiting]
        self._update(others, {"raw_retired_sequence": entry.sequence})

    def retire_body(self, sequence: int, by: int) -> None:
        self._update([sequence], {"raw_retired_sequence": by})

    def settle(self) -> None:
        """Insert what is known so far; later changes are made in the table."""
        self._complete += self._waiting.values()
        self._waiting = {}
        self._insert_complete()

    def write(self, on_disk: Collection[str]) -> None:
        """Insert what is left, and schedule the removal of retired bodies that are still on disk."""
        self.settle()
        retired = batches.c.raw_retired_sequence
        at = func.max(entries.c.recorded_at)
        is_erased = func.max(case((entries.c.kind.in_(("erased", "kept_out")), 1), else_=0))
        query = (
            select(batches.c.raw_path, at, is_erased)
            .join(entries, entries.c.sequence == retired, isouter=True)
            .group_by(batches.c.raw_path)
            .having(func.count() == func.count(retired))
        )
        for path, recorded_at, is_urgent in self.connection.execute(query).all():
            if path in on_disk:
                due = timestamps.from_text(recorded_at) + (timedelta() if is_urgent else GRACE)
                removals.schedule(self.connection, [path], timestamps.to_text(due))

    def missing_bodies(self, on_disk: Collection[str]) -> list[RowMapping]:
        """Batches whose raw body should be on disk and is not."""
        query = select(batches).where(batches.c.raw_retired_sequence.is_(None))
        rows = self.connection.execute(query.order_by(batches.c.sequence)).mappings()
        return [row for row in rows if row["raw_path"] not in on_disk]

    def _change(self, sequence: int, facts: Mapping[str, Any]) -> None:
        if sequence in self._waiting:
            self._waiting[sequence].update(facts)
        else:
            self._update([sequence], facts)

    def _update(self, sequences: Iterable[int], facts: Mapping[str, Any]) -> None:
        self._insert_complete()
        rows = [{"of_sequence": each} for each in sequences]
        if rows:
            self.connection.execute(update(batches).where(_IS_BATCH).values(facts), rows)

    def _insert_complete(self) -> None:
        for start in range(0, len(self._complete), ROWS_AT_ONCE):
            self.connection.execute(insert(batches), self._complete[start : start + ROWS_AT_ONCE])
        self._complete = []


def _decoded(told: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry says of the decoding of one batch. What it leaves out was zero or empty, if it
    has a `shape`; older versions noted only the counts of lines.
    """
    facts = {name: told[name] for name in (*_COUNTED, *NOTED) if name in told}
    return {**dict.fromkeys(NOTED_COUNTS, 0), **facts} if "shape" in told else facts
