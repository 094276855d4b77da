"""Erases a person's rows, rejected lines and raw bodies; all other rows stay as they are.

New files are written first. One transaction then swaps them in, retires the raw bodies and enters
the receipt in the ledger. Then the old files are deleted and the catalog file is rewritten.

| the process dies       | then                                         | completed by               |
|------------------------|----------------------------------------------|----------------------------|
| before the transaction | nothing has changed                          | the next rewrite, which deletes new files |
| after it               | no query sees the rows                       | the loader, or `erase` again |
| before the purge       | deleted bytes may still be in the catalog file | `erase` again             |
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Connection, bindparam, update

from store import backlog, names, timestamps
from store.backoff import STEP_SECONDS, Backoff
from store.catalog import removals
from store.catalog.tables import batches
from store.catalog.users import user_days
from store.compaction.file_swap import FileSwap, Replacement
from store.erasure import evidence, forgotten_links, receipts, stray_search, unpurged
from store.erasure.identifier import Identifier
from store.erasure.occurrences import Occurrences
from store.erasure.person_search import FileMatches, PersonSearch
from store.erasure.remnants import unused_texts
from store.errors import EraseRefused
from store.files import durable, spills
from store.keepout import register
from store.lifetimes import KEEP_OUT_DAYS
from store.parquet.part_file import Part
from store.reading import views
from store.registers.identity import name_pairs
from store.replay.remake import Remaking
from store.retention import hold_entries, hold_files, holds
from store.store import Store

# One transaction swaps all files, and receivers wait up to 20 s for its lock.
FILES_MAX = 10_000

# A healthy loader has caught up by then.
LOADING = Backoff(seconds_max=120)

# A merge of a large month holds the lock for minutes.
REWRITING = Backoff(seconds_max=300)

# Three tries; each waits for readers as long as any writer does.
PURGING = Backoff(seconds_max=2 * STEP_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long an erasure waits for the loader, for another rewrite, and for readers."""

    loading: Backoff = LOADING
    rewriting: Backoff = REWRITING
    purging: Backoff = PURGING


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What was erased, and the sequence of the receipt; None if a hold keeps everything."""

    occurrences: Occurrences
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Nothing was erased, because nobody confirmed the count of what was found."""

    occurrences: Occurrences


@dataclass(frozen=True, slots=True)
class UnknownPerson:
    """Nothing was erased, because nothing in the store has this name."""

    occurrences: Occurrences


Outcome = ErasureResult | Unconfirmed | UnknownPerson


def preview(store: Store, identifier: Identifier) -> Occurrences:
    """What an erasure would find now; changes nothing and takes no lock."""
    return Occurrences.of(PersonSearch.of(store.layout, store.catalog, identifier))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """`is_confirmed` is asked whether a person confirmed this count; `before_commit` is called
    before the transaction, which cannot be undone. Older records are kept out for `keep_out_days`.
    """

    store: Store
    identifier: Identifier
    reason: str
    salt: bytes
    is_confirmed: Callable[[int], bool]
    timeouts: Timeouts = Timeouts()
    keep_out_days: int = KEEP_OUT_DAYS
    before_commit: Callable[[], None] = lambda: None

    def run(self) -> Outcome:
        """Erase from all that was received by now, if the person is known and the count confirmed.

        EraseRefused or RewriteRefused if that fails; then nothing has changed.
        """
        if names.folded(self.identifier.user) in names.folded(self.reason):
            raise EraseRefused(
                "the reason contains the person's name, and is kept for ever in the ledger"
            )
        backlog.drain(self.store, self.timeouts.loading)
        swap = replace(self.store.file_swap(), originals=None)  # no row of others is folded
        remaking = Remaking(self.store.file_swap(), self.store.limits, time.monotonic)
        while (done := self._attempt(swap, remaking.tried)) is None:
            # First, since the raw bodies may be the last copy of other people's rows.
            while remaking.once():
                pass
        # What shells wrote beside the store may hold copies of rows.
        views.remove_logs(self.store.layout)
        spills.sweep(self.store.layout)
        return done

    def _attempt(self, swap: FileSwap, tried: Mapping[str, float]) -> Outcome | None:
        """None if a damaged file was found that nobody tried to make again."""
        with self._locked(swap):
            self._remove_due()
            found = preview(self.store, self.identifier)
            if swap.note_damage(found.unreadable, "erasure").keys() - tried.keys():
                return None
            is_known = evidence.knows(found)
            if is_known and found.count and not self.is_confirmed(found.count):
                return Unconfirmed(found)
            # Whoever is erased now, texts of no row may be of a person who was erased before.
            unused_texts.rewrite(swap, found.listing_others)
            unused_texts.remove_retired(swap, found.retired_listing)
            stray_search.rewrite_all(found.search, found.listing_strays)
            self._remove_due()
            forgotten_links.forget(self.store.catalog, self.identifier.user)
            if not is_known:
                return UnknownPerson(found)
            sequence = None if found.is_nothing else self._erase(swap, found)
            self._remove_due()
        return ErasureResult(found, sequence)

    def purge(self) -> None:
        """Remove deleted bytes from the catalog, from the files of holds, and with each catalog that
        a rebuild replaced. StoreBusy: run the erasure again.
        """
        layout = self.store.layout
        views.remove_logs(layout)
        with self.store.catalog.write() as connection:
            hold_files.settle(layout, connection)
            name_pairs.settle(layout, connection)
            user_days.remove_unused(connection)
        for path in layout.replaced_catalogs():
            durable.remove(path)
        self.store.catalog.purge(self.timeouts.purging)
        with self.store.catalog.write() as connection:
            unpurged.clear(connection)

    def is_unfinished(self) -> bool:
        """Whether an erasure of this person was killed before its purge."""
        return unpurged.is_of(self.store.catalog, self.identifier.user)

    def is_purge_due(self) -> bool:
        """The same, or whether that of anybody may have been, before the catalog was rebuilt."""
        return self.is_unfinished() or unpurged.is_of_anybody(self.store.catalog)

    @contextmanager
    def _locked(self, swap: FileSwap) -> Iterator[None]:
        """Hold the locks of rewrites and replays, so that no replay brings back what it had read."""
        for _ in self.timeouts.rewriting.attempts():
            with swap.locked() as has_lock:
                if not has_lock:
                    continue
                with durable.lock(self.store.layout.replay_lock) as no_replay:
                    if no_replay:
                        yield
                        return
        raise EraseRefused("another rewrite or a replay is running; try again when it has ended")

    def _erase(self, swap: FileSwap, found: Occurrences) -> int:
        if len(found.rewritten) > FILES_MAX:
            raise EraseRefused(
                f"the rows are in {len(found.rewritten):,} files, and at most {FILES_MAX:,} can be"
                " replaced at once; run `raytrail compact` first"
            )
        with self.store.catalog.read() as connection:
            hold_entries.demand_entered(connection)
        done = [_rewritten(swap, found, each) for each in found.rewritten]
        strays = _strays(found)
        self.before_commit()
        now = self.store.clock()
        with self.store.catalog.write() as connection:
            holds.demand_unchanged(connection, found.search.holds)
            keep_out = register.facts(self.salt, [self.identifier.user], self.keep_out_days, now)
            receipt = receipts.receipt(found, done, self.reason, self.salt, keep_out)
            sequence = swap.commit(connection, "erased", receipt, done, due_at=now)
            register.add(connection, sequence, keep_out)
            unpurged.note(connection, self.identifier.user)
            _retire_bodies(connection, found, sequence)
            removals.reschedule(connection, found.removed_paths, timestamps.to_text(now))
            hold_files.blank(connection, found.released_holds)
        swap.settle(done)
        for each, made in strays:
            stray_search.put_in_place(found.search, each, made)
        return sequence

    def _remove_due(self) -> None:
        """Delete all files that are due, also those of an erasure that was killed."""
        while removals.remove_due(self.store.layout, self.store.catalog, self.store.clock()):
            pass


def _rewritten(swap: FileSwap, found: Occurrences, each: FileMatches) -> Replacement:
    """Rewrite the file without the person's rows."""
    exclude = partial(found.search.rows.erasable, dataset=each.file["dataset"])
    return swap.rewrite_without(each.file, exclude, each.found.rows if each.found else 0)


def _strays(found: Occurrences) -> list[tuple[FileMatches, Part]]:
    """The files in `stray/` that keep other people's rows, each with its new content."""
    return [
        (each, stray_search.rewrite(found.search, each))
        for each in found.rewritten_strays
        if each.found and each.found.rows < each.file["rows"]
    ]


def _retire_bodies(connection: Connection, found: Occurrences, sequence: int) -> None:
    """Batches stay, and name the entry that retired their raw bodies."""
    rows = [{"of_sequence": batch["sequence"]} for batch in found.retired_batches]
    if rows:
        is_batch = batches.c.sequence == bindparam("of_sequence")
        gone = update(batches).where(is_batch).values(raw_retired_sequence=sequence)
        connection.execute(gone, rows)
