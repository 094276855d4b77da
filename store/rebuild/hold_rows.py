"""The rows of `holds`: their entries tell when they applied, their files tell the criteria.

The ledger has a digest of each criterion, so a changed file is noticed. Where a criterion is lost,
the hold is kept without it: it then covers more rows than before, never fewer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert

from store.catalog.tables import holds
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.ledger.entry import Entry
from store.retention import hold_files
from store.retention.hold_files import CRITERIA
from store.retention.holds import digest


def payload(told: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a hold whose own entry is lost, from its file."""
    criteria = {name: told[name] for name in CRITERIA if told[name] is not None}
    return {
        "id": told["id"],
        "reason": told["reason"],
        "criteria": {name: digest(told["id"], name, value) for name, value in criteria.items()},
        "is_exact": told["is_exact"],
    }


@dataclass(slots=True)
class HoldRows:
    layout: Layout
    _placed: dict[str, dict[str, Any]] = field(default_factory=dict)
    # The names of criteria that each hold had, by the digests in its entry.
    _digests: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _blanked: set[str] = field(default_factory=set)

    def place(self, entry: Entry) -> None:
        told = entry.payload
        self._digests[told["id"]] = told["criteria"]
        self._placed[told["id"]] = {
            "id": told["id"],
            "reason": told["reason"],
            "placed_sequence": entry.sequence,
            # Entries of older versions do not say so.
            "is_exact": told.get("is_exact", True),
            "released_sequence": None,
            "release_reason": None,
        }

    def ids(self) -> set[str]:
        return set(self._placed)

    def release(self, entry: Entry) -> None:
        told = entry.payload
        released = {"released_sequence": entry.sequence, "release_reason": told["reason"]}
        self._placed[told["id"]].update(released)

    def blank(self, entry: Entry) -> None:
        """An erasure blanked the user of released holds."""
        self._blanked |= set(entry.payload["holds_blanked"])

    def row(self, hold_id: str) -> dict[str, Any]:
        """A hold that an entry placed, as far as it is known."""
        return {**self._placed[hold_id], **self._criteria(hold_id)}

    def is_told(self, hold_id: str, name: str, value: str | None) -> bool:
        """Whether the ledger has the digest of this criterion; of None, whether it has none."""
        wanted = self._digests[hold_id].get(name)
        is_blank = wanted is None or (name == "user" and hold_id in self._blanked)
        return is_blank if value is None else digest(hold_id, name, value) == wanted

    def lost(self, row: Mapping[str, Any]) -> list[str]:
        """The criteria of an active hold that are not known."""
        if row["released_sequence"] is not None:
            return []
        return [name for name in self._digests[row["id"]] if row[name] is None]

    def write(self, connection: Connection) -> Iterator[str]:
        """Insert all rows; a sentence for each active hold with a lost criterion."""
        for hold_id in self._placed:
            row = self.row(hold_id)
            connection.execute(insert(holds), row)
            if lost := self.lost(row):
                yield (
                    f"hold {hold_id}: its {', '.join(lost)} cannot be known, because"
                    f" holds/{hold_id}.json is missing or changed; the hold now covers every row"
                    " that fits its other criteria, until it is released"
                )

    def _criteria(self, hold_id: str) -> dict[str, str | None]:
        """Those of the file whose digest is in the ledger."""
        try:
            found = hold_files.read(self.layout, hold_id) or {}
        except StoreDamaged:
            found = {}
        digests = self._digests[hold_id]
        criteria: dict[str, str | None] = dict.fromkeys(CRITERIA)
        for name, wanted in digests.items():
            value = found.get(name)
            if value is not None and digest(hold_id, name, value) == wanted:
                criteria[name] = value
        if hold_id in self._blanked:
            criteria["user"] = None
        return criteria
