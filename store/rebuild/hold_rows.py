"""The rows of `holds`: their entries tell when they applied, their files tell the criteria.

The ledger has a digest of each criterion, so a changed file is noticed. Where a criterion is lost,
the hold is kept without it: it then covers more rows than before, never fewer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from store.catalog.tables import holds
from store.errors import StoreDamaged
from store.files.layout import Layout
from store.retention import hold_files
from store.retention.hold_entries import HoldEntries
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
class HoldRows(HoldEntries):
    layout: Layout

    def row(self, hold_id: str) -> dict[str, Any]:
        """A hold that an entry placed, as far as it is known."""
        return {**self._placed[hold_id], **self._criteria(hold_id)}

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
