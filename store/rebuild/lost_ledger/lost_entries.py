"""Makes entries anew for what lies on disk, where the ledger is missing or ends too early.

The new entries continue those that are known. Their numbers and digests are new ones.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from store.catalog.counts import CatalogRow
from store.catalog.tables import batches
from store.errors import StoreDamaged
from store.files.layout import Layout, is_sorted
from store.intake.limits import IntakeLimits
from store.ledger.entry import Entry
from store.rebuild.derivation import Derivation
from store.rebuild.lost_ledger.decisions import Decisions, demand_decided
from store.rebuild.lost_ledger.file_lines import FoundFile, read_file
from store.rebuild.lost_ledger.found_bodies import FoundBatch, FoundBodies
from store.rebuild.lost_ledger.live_choice import LiveChoice, choose, parts_by_name
from store.rebuild.lost_ledger.load_facts import counts, named, told
from store.rebuild.lost_ledger.lost_acts import LostHolds, LostLinks
from store.rebuild.unnamed_files import is_finished, unnamed_bodies
from store.replay.batch_rows import BatchKey
from store.timestamps import Clock

# An entry names at most so many files or batches.
AT_ONCE = 1_000


@dataclass(slots=True, kw_only=True)
class Found:
    """What was made anew; `strays` are files for `stray/`."""

    duplicates: list[str]
    unknown: list[str]
    strays: list[str]


@dataclass(slots=True, kw_only=True)
class LostEntries:
    """`derivation` has taken every known entry."""

    derivation: Derivation
    layout: Layout
    clock: Clock
    limits: IntakeLimits
    decisions: Decisions

    def make(self) -> Found:
        """RebuildRefused if a person has to decide first; nothing is changed on disk."""
        self.derivation.batches.settle()
        known = self._known_batches()
        bodies = unnamed_bodies(self.derivation.connection, self.layout, self.derivation.disk)
        files, unreadable = self._files()
        ids = {path.rpartition("/")[2].removesuffix(".gz") for path in self.derivation.disk.raw}
        choice = choose(files, self.derivation.files.live, ids)
        found = FoundBodies(self.layout, self.limits, choice.received(), choice.fetched())
        made = self._batches(found, choice, known, bodies)
        self._demand_decided(made, choice)
        sequences = {key: batch["sequence"] for key, batch in known.items()}
        sequences |= self._enter(made)
        self._load(choice, made, known, sequences)
        self._swap(choice, made, sequences)
        holds = LostHolds(self.layout, self.derivation.holds.ids(), unreadable)
        links = LostLinks(self.layout, self.derivation.name_pairs.ids(), unreadable)
        for kind, payload in (*holds.entries(), *links.entries()):
            self._append(kind, payload)
        return Found(
            duplicates=choice.duplicates,
            unknown=[*unreadable, *self._unknown(made, choice)],
            strays=[file.path for file in choice.disputed],
        )

    def _known_batches(self) -> dict[BatchKey, CatalogRow]:
        rows = self.derivation.connection.execute(select(batches)).mappings().all()
        return {BatchKey(row["dataset"], row["batch_id"]): row for row in rows}

    def _files(self) -> tuple[list[FoundFile], list[str]]:
        """Every finished file but those that known entries retired, and what cannot be read."""
        found, unreadable = list[FoundFile](), list[str]()
        for path in sorted(self.derivation.disk.parts - self._retired()):
            if is_finished(path):
                try:
                    found.append(read_file(self.layout, path))
                except StoreDamaged as error:
                    unreadable.append(f"{path}: it cannot be read, so its rows are lost: {error}")
        return found, unreadable

    def _retired(self) -> frozenset[str]:
        return self.derivation.files.named().difference(self.derivation.files.live)

    def _batches(
        self,
        found: FoundBodies,
        choice: LiveChoice,
        known: Mapping[BatchKey, CatalogRow],
        bodies: Iterable[str],
    ) -> list[FoundBatch]:
        """Every batch that no known entry names, in the order of receipt."""
        contents = {(row["dataset"], row["content"]) for row in known.values()}
        made: dict[BatchKey, FoundBatch] = {}
        for path in bodies:
            for batch in found.read(path):
                content = batch.key.dataset, batch.facts["content"]
                if content in contents:
                    choice.duplicates.append(f"{path}: its lines are in another raw body as well")
                elif batch.key not in known:
                    contents.add(content)
                    made[batch.key] = batch
        for key in found.received.keys() - made.keys() - known.keys():
            made[key] = found.gone(key)
        return sorted(made.values(), key=lambda batch: (batch.facts["received_at"], batch.key))

    def _demand_decided(self, made: Iterable[FoundBatch], choice: LiveChoice) -> None:
        demand_decided(
            [
                batch.key.batch_id
                for batch in made
                if self._is_without_rows(batch, choice)
                and not self.decisions.enters(batch.key.batch_id)
                and not self.decisions.leaves_out(batch.key.batch_id)
            ]
        )

    def _is_without_rows(self, batch: FoundBatch, choice: LiveChoice) -> bool:
        """Whether its body should have rows and has none, and no part shows why."""
        is_waiting = batch.key in choice.waiting
        return batch.records > 0 and not choice.lines(batch.key) and not is_waiting

    def _enter(self, made: Iterable[FoundBatch]) -> dict[BatchKey, int]:
        return {batch.key: self._append("batch", batch.facts) for batch in made}

    def _load(
        self,
        choice: LiveChoice,
        made: Sequence[FoundBatch],
        known: Mapping[BatchKey, CatalogRow],
        sequences: Mapping[BatchKey, int],
    ) -> None:
        """One entry for the parts of each load, and some for batches without parts of their own."""
        new = [file for file in choice.live if file.path not in self.derivation.files.live]
        loading = {
            key: counts(choice, key) for key, row in known.items() if _was_loaded(choice, key, row)
        }
        loading |= {
            batch.key: told(choice, batch) for batch in made if self._is_loaded(batch, choice)
        }
        for files in parts_by_name([each for each in new if not _is_merged(each)]).values():
            keys = {key for file in files for key in file.lines} & loading.keys()
            self._append(
                "loaded",
                {
                    "batches": [named(key, sequences, loading.pop(key)) for key in sorted(keys)],
                    "files": [dict(file.facts) for file in files],
                },
            )
        for some in _chunks(sorted(loading)):
            some_named = [named(key, sequences, loading[key]) for key in some]
            self._append("loaded", {"batches": some_named, "files": []})

    def _is_loaded(self, batch: FoundBatch, choice: LiveChoice) -> bool:
        if batch.is_unread:
            return False
        if choice.lines(batch.key) or not batch.has_body:
            return True
        if batch.diagnosis is None or batch.key in choice.waiting:
            return False
        return batch.records == 0 or self.decisions.leaves_out(batch.key.batch_id)

    def _swap(
        self, choice: LiveChoice, made: Iterable[FoundBatch], sequences: Mapping[BatchKey, int]
    ) -> None:
        """The entries that name merged files, what they replaced, and the bodies that are gone."""
        live = self.derivation.files.live
        new = [file for file in choice.live if file.path not in live and _is_merged(file)]
        replaced = {file.path for file in choice.replaced}
        disputed = {file.path for file in choice.disputed if file.path in live}
        gone = replaced & live.keys() | disputed | self.derivation.files.missing().keys()
        removed = [
            sequences[batch.key]
            for batch in made
            if not batch.has_body or self._is_left_out(batch, choice)
        ]
        facts = {"retired": sorted(gone), "replaced": sorted(replaced - live.keys())}
        self._append("reentered", {**facts, "raw_batches": removed, "files": []})
        for some in _chunks(new):
            files = [dict(file.facts) for file in some]
            self._append("reentered", {"retired": [], "raw_batches": [], "files": files})

    def _is_left_out(self, batch: FoundBatch, choice: LiveChoice) -> bool:
        is_decided = self.decisions.leaves_out(batch.key.batch_id)
        return is_decided and self._is_without_rows(batch, choice)

    def _unknown(self, made: Sequence[FoundBatch], choice: LiveChoice) -> Iterator[str]:
        for batch in made:
            missing = batch.records - choice.lines(batch.key).bit_count()
            if choice.lines(batch.key) and batch.has_body and missing > 0:
                yield (
                    f"batch {batch.key.batch_id} of {batch.key.dataset}: {missing:,} of its"
                    f" {batch.records:,} lines have no row; retention or an erasure removed them, or"
                    " a part is lost"
                )
            elif batch.is_dataset_guessed:
                yield (
                    f"batch {batch.key.batch_id}: which dataset it was sent to is not known; its"
                    f" records look like {batch.key.dataset}"
                )
        if gone := sum(not batch.has_body for batch in made):
            yield (
                f"{gone:,} batches have rows and no raw body: the same lines, sent again, will not be"
                " recognised"
            )
        yield (
            "receipts of erasures, and what was pulled, imported, checked or found at Cloudflare, as"
            " far as only the lost entries had it"
        )

    def _append(self, kind: str, payload: Mapping[str, Any]) -> int:
        entry = Entry.after(self.derivation.end, kind, self.clock(), payload)
        self.derivation.take(entry)
        return entry.sequence


def _was_loaded(choice: LiveChoice, key: BatchKey, row: CatalogRow) -> bool:
    """Whether a known batch was loaded by an entry that is lost."""
    return row["state"] == "entered" and bool(choice.lines(key))


def _is_merged(file: FoundFile) -> bool:
    return is_sorted(Path(file.path))


def _chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
