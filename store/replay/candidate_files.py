"""Narrows down from the catalog which files may have rows of some batches, without reading them.

| file                   | may have rows of a batch if                                            |
|------------------------|------------------------------------------------------------------------|
| a loader's part        | the same ledger entry loaded the batch                                 |
| a merged file          | it was added later, and its day may be an event day of the batch       |
| merged rejected lines  | they were added later, and their day is the batch's day of receipt     |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self

from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import OTHER_DAY, REJECTED, is_sorted
from store.loading.event_days import EventDays


class _Received(NamedTuple):
    """Batches of one dataset received on one day, and the first and last day of their events."""

    dataset: str
    day: str
    oldest: str
    newest: str

    @classmethod
    def of(cls, batch: CatalogRow) -> Self:
        days = timestamps.from_text(batch["received_at"]).date(), *EventDays.of(batch)
        return cls(batch["dataset"], *(day.isoformat() for day in days))

    def may_be_in(self, file: CatalogRow) -> bool:
        label = file["day"]
        if file["dataset"] == REJECTED:
            return bool(label == self.day)
        if file["dataset"] != self.dataset:
            return False
        # The label of a month is a prefix of its days.
        oldest, newest = self.oldest[: len(label)], self.newest[: len(label)]
        return bool(label == OTHER_DAY or oldest <= label <= newest)


@dataclass(frozen=True, slots=True)
class CandidateFiles:
    """`entries` loaded the batches; `first` is the earliest of them for each day of receipt."""

    entries: frozenset[int]
    first: Mapping[_Received, int]

    @classmethod
    def of(cls, batches: Iterable[CatalogRow]) -> Self:
        first: dict[_Received, int] = {}
        entries = set()
        for batch in batches:
            received, loaded = _Received.of(batch), batch["loaded_sequence"]
            first[received] = min(loaded, first.get(received, loaded))
            entries.add(loaded)
        return cls(frozenset(entries), first)

    def may_hold(self, file: CatalogRow) -> bool:
        added = file["added_sequence"]
        if not is_sorted(Path(file["path"])):
            return added in self.entries
        return any(
            added > first and received.may_be_in(file) for received, first in self.first.items()
        )
