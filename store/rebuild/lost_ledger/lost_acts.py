"""Entries for the holds and links whose own entries are lost, from their files."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from store.errors import StoreDamaged
from store.files.layout import Layout
from store.rebuild import name_pair_rows
from store.rebuild.hold_rows import payload
from store.registers.identity import name_pairs
from store.retention import hold_files


@dataclass(slots=True)
class LostHolds:
    """Afterwards `unreadable` has a sentence for each file that cannot be read."""

    layout: Layout
    known: Collection[str]
    unreadable: list[str]

    def entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The kind and the payload of each entry."""
        for hold_id in sorted(hold_files.ids(self.layout).difference(self.known)):
            try:
                found = hold_files.read(self.layout, hold_id)
            except StoreDamaged as error:
                self.unreadable.append(f"hold {hold_id} is lost: {error}")
                continue
            if found is not None:
                yield "hold", payload(found)
                if found["released_at"]:
                    yield "released", {"id": hold_id, "reason": found["release_reason"] or ""}


@dataclass(slots=True)
class LostLinks:
    """As LostHolds, for names that an operator linked; what was said of two people is lost."""

    layout: Layout
    known: Collection[str]
    unreadable: list[str]

    def entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        files = name_pairs.files(self.layout)
        for link_id in sorted(files.ids().difference(self.known)):
            try:
                found = files.read(link_id)
            except StoreDamaged as error:
                self.unreadable.append(f"link {link_id} is lost: {error}")
                continue
            if found is not None and name_pairs.is_told(found, found):
                yield name_pairs.LINKED, name_pair_rows.payload(found)
