"""What the ledger says of each legal hold. A removal of rows compares the catalog with it first.

The ledger has a digest of each criterion, so a changed name or time is noticed too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from store.catalog import ledger
from store.catalog.tables import holds as table_of_holds
from store.errors import RewriteRefused
from store.ledger.entry import Entry
from store.retention.hold_files import CRITERIA
from store.retention.holds import digest


@dataclass(slots=True, kw_only=True)
class HoldEntries:
    """Give it every entry of its kinds in their order."""

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

    def release(self, entry: Entry) -> None:
        told = entry.payload
        released = {"released_sequence": entry.sequence, "release_reason": told["reason"]}
        self._placed[told["id"]].update(released)

    def blank(self, entry: Entry) -> None:
        """An erasure blanked the user of released holds."""
        self._blanked |= set(entry.payload["holds_blanked"])

    def ids(self) -> set[str]:
        return set(self._placed)

    def is_told(self, hold_id: str, name: str, value: str | None) -> bool:
        """Whether the ledger has the digest of this criterion; of None, whether it has none."""
        wanted = self._digests[hold_id].get(name)
        is_blank = wanted is None or (name == "user" and hold_id in self._blanked)
        return is_blank if value is None else digest(hold_id, name, value) == wanted

    def is_kept(self, hold_id: str, row: Mapping[Any, Any] | None) -> bool:
        """Whether a row of the catalog covers no fewer rows than the hold that was entered.

        A criterion that a rebuild did not find is None, and the hold covers more rows.
        """
        if row is None or hold_id not in self._placed:
            return False
        placed = self._placed[hold_id]
        facts = ("placed_sequence", "released_sequence", "is_exact")
        return all(row[name] == placed[name] for name in facts) and all(
            row[name] is None or self.is_told(hold_id, name, row[name]) for name in CRITERIA
        )


def demand_entered(connection: Connection) -> None:
    """RewriteRefused if a hold was deleted, changed or released in the catalog without an entry."""
    told = HoldEntries()
    take = {"hold": told.place, "released": told.release, "erased": told.blank}
    for entry in ledger.of_kinds(connection, take, after=0):
        take[entry.kind](entry)
    rows = {row["id"]: row for row in connection.execute(select(table_of_holds)).mappings()}
    wrong = sorted(
        each for each in told.ids() | rows.keys() if not told.is_kept(each, rows.get(each))
    )
    if wrong:
        raise RewriteRefused(
            f"hold {', '.join(wrong)}: the catalog has not what the ledger says of it, so rows that"
            " it keeps could be removed; nothing was removed; `raytrail fsck` shows the difference"
        )
