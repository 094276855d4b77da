"""The rows of `files`, `people`, `user_days` and `removals` for parts, from ledger entries and the parts.

The ledger tells which files were added and retired. Which users a file has, and what was folded
into its rows, is read from the file. A retired file that is gone from disk has no row.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from store import timestamps
from store.catalog import removals
from store.catalog.removals import GRACE
from store.catalog.tables import files
from store.catalog.users import people, user_days
from store.compaction.tiers import DAY, MONTH, PART, RUN
from store.files.layout import Layout, is_sorted
from store.ledger.entry import Entry
from store.rebuild.finished_files import UNREADABLE, facts_of

# A compaction and every rewrite put the tier into the name of a file.
_TIER = re.compile(rf"sorted-({RUN}|{DAY}|{MONTH})-")

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Retired:
    """A file that was replaced and is still on disk."""

    row: Mapping[str, Any]
    sequence: int
    due_at: str
    is_at_once: bool


@dataclass(slots=True)
class FileRows:
    """`on_disk` are the paths of all files in `parts`."""

    layout: Layout
    on_disk: frozenset[str]
    live: dict[str, dict[str, Any]] = field(default_factory=dict)
    retired: dict[str, Retired] = field(default_factory=dict)
    # Files that a rebuild found to be replaced, without knowing the entry: when each may go.
    replaced: dict[str, str] = field(default_factory=dict)

    def named(self) -> frozenset[str]:
        """Every file that an entry names and that may be on disk."""
        return frozenset((*self.live, *self.retired, *self.replaced))

    def swap(self, entry: Entry) -> None:
        """Retire and add the files that an entry names."""
        recorded_at = timestamps.from_text(entry.recorded_at)
        is_erasure = entry.kind == "erased"
        for path in entry.payload.get("retired", ()):
            due_at = timestamps.to_text(recorded_at if is_erasure else recorded_at + GRACE)
            self._retire(path, entry, due_at, is_at_once=is_erasure)
        for path in self.on_disk & set(entry.payload.get("replaced", ())):
            self.replaced[path] = entry.recorded_at
        for place, told in enumerate(entry.payload.get("files", ())):
            self._add(told, entry, place)

    def missing(self) -> dict[str, str]:
        """The live files that are not on disk, and the SHA-256 of each."""
        return {path: row["sha256"] for path, row in self.live.items() if path not in self.on_disk}

    def write(self, connection: Connection) -> list[str]:
        """Insert all rows; returns the paths of live files that are missing or unreadable."""
        unreadable = [row["path"] for row in self.live.values() if not self._write(connection, row)]
        for each in self.retired.values():
            self._write(connection, {**each.row, "retired_sequence": each.sequence})
            path = each.row["path"]
            if each.is_at_once:
                removals.schedule(connection, [path], each.due_at)
            else:
                removals.schedule_shown(connection, {path: each.sequence}, each.due_at)
        for path, due_at in self.replaced.items():
            removals.schedule(connection, [path], due_at)
        return unreadable

    def _add(self, told: Mapping[str, Any], entry: Entry, place: int) -> None:
        tier = _tier(told["path"])
        number = people.number(entry.sequence, place) if tier in {DAY, MONTH} else None
        added = {"added_sequence": entry.sequence, "tier": tier, "number": number}
        self.live[told["path"]] = {**told, **added, "retired_sequence": None}

    def _retire(self, path: str, entry: Entry, due_at: str, *, is_at_once: bool) -> None:
        row = self.live.pop(path, None)
        if row is not None and path in self.on_disk:
            self.retired[path] = Retired(row, entry.sequence, due_at, is_at_once)

    def _write(self, connection: Connection, row: Mapping[str, Any]) -> bool:
        """Insert one file and its users; False if the file cannot be read."""
        found = facts_of(self.layout.root / row["path"])
        facts = found or UNREADABLE
        told = {**row, **facts.as_columns()}
        if found is None:
            # By its range of users it is read for everybody; `people` would leave it out.
            told["number"] = None
        else:
            told["users_number"] = user_days.enter(connection, facts.user_days)
        connection.execute(insert(files), told)
        if told["number"] is not None:
            people.enter(connection, told["number"], facts.users)
        return found is not None


def _tier(path: str) -> str:
    """Files of a compaction before version 0.2 have the same names."""
    name = Path(path)
    if not is_sorted(name):
        return PART
    found = _TIER.match(name.name)
    return found[1] if found else RUN
