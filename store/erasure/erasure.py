"""Erases a person's rows, rejected lines and raw bodies; all other rows stay as they are.

New files are written first. One transaction then swaps them in, retires the raw bodies and enters
the receipt in the ledger. Then the old files are deleted and the catalog file is rewritten.

| the process dies       | then                                         | completed by               |
|------------------------|----------------------------------------------|----------------------------|
| before the transaction | nothing has changed                          | the next rewrite, which deletes new files |
| after it               | no query sees the rows                       | the loader, or `erase` again |
| before the purge       | deleted bytes may still be in the catalog file | `erase` again            |
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, bindparam, update

from store import backlog, timestamps
from store.backoff import STEP_SECONDS, Backoff
from store.catalog import removals
from store.catalog.tables import batches
from store.catalog.tables import holds as table_of_holds
from store.compaction.file_swap import FileSwap, Replacement
from store.erasure.identifier import Identifier
from store.erasure.occurrences import Occurrences
from store.erasure.person_search import FileMatches, PersonSearch
from store.errors import EraseRefused
from store.files import durable
from store.parquet.row_hashes import Digest
from store.retention import holds
from store.store import Store

# One transaction swaps all files, and receivers wait up to 20 s for its lock.
FILES_MAX = 10_000

# A healthy loader has caught up by then.
LOADING = Backoff(seconds_max=120)

# A merge of a large month holds the lock for minutes.
REWRITING = Backoff(seconds_max=300)

# Three tries; each waits for readers as long as any writer does.
PURGING = Backoff(seconds_max=2 * STEP_SECONDS)

SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long an erasure waits for the loader, for another rewrite, and for readers."""

    loading: Backoff = LOADING
    rewriting: Backoff = REWRITING
    purging: Backoff = PURGING


@dataclass(frozen=True, slots=True)
class ErasureResult:
    """What was erased, and the sequence of the receipt; None if nothing was found."""

    occurrences: Occurrences
    sequence: int | None


def preview(store: Store, identifier: Identifier) -> Occurrences:
    """What an erasure would find now; changes nothing and takes no lock."""
    return Occurrences.of(PersonSearch.of(store.layout, store.catalog, identifier))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """`before_commit` is called before the transaction, which cannot be undone."""

    store: Store
    identifier: Identifier
    reason: str
    salt: bytes
    timeouts: Timeouts = Timeouts()
    before_commit: Callable[[], None] = lambda: None

    def run(self) -> ErasureResult:
        """Erase from all that was received by now.

        EraseRefused or RewriteRefused if that fails; then nothing has changed.
        """
        if self.identifier.user.casefold() in self.reason.casefold():
            raise EraseRefused(
                "the reason contains the person's name, and is kept for ever in the ledger"
            )
        backlog.drain(self.store, self.timeouts.loading)
        # No deduplication: other people's rows must not change.
        swap = replace(self.store.file_swap(), originals=None)
        with self._locked(swap):
            self._remove_due()
            found = preview(self.store, self.identifier)
            sequence = None if found.is_nothing else self._erase(swap, found)
            self._remove_due()
        return ErasureResult(found, sequence)

    def purge(self) -> None:
        """Remove deleted bytes from the catalog file. StoreBusy: run the erasure again."""
        self.store.catalog.purge(self.timeouts.purging)

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
        done = [_rewritten(swap, found, each) for each in found.rewritten]
        self.before_commit()
        now = self.store.clock()
        with self.store.catalog.write() as connection:
            holds.demand_unchanged(connection, found.search.holds)
            facts = self._receipt(found, done)
            sequence = swap.commit(connection, "erased", facts, done, due_at=now)
            _retire_bodies(connection, found, sequence)
            removals.reschedule(connection, _paths(found), timestamps.to_text(now))
            _blank(connection, found.released_holds)
        swap.settle(done)
        return sequence

    def _receipt(self, found: Occurrences, done: Sequence[Replacement]) -> dict[str, Any]:
        """For the ledger, which is kept for ever: so without the name."""
        digests = _digests(done)
        return {
            "reason": self.reason,
            "user_digest": user_digest(self.salt, self.identifier.user),
            "datasets": {
                dataset: {**asdict(share), **digests.get(dataset, {})}
                for dataset, share in found.by_dataset().items()
            },
            "raw_bodies": len(found.bodies),
            "raw_bodies_kept": len(found.kept_bodies),
            "quarantined_bodies": len(found.quarantined),
            "retired_files": len(found.retired),
            "holds_blanked": sorted(found.released_holds),
        }

    def _remove_due(self) -> None:
        """Delete all files that are due, also those of an erasure that was killed."""
        while removals.remove_due(self.store.layout, self.store.catalog, self.store.clock()):
            pass


def user_digest(salt: bytes, user: str) -> str:
    """With the salt it proves which name was erased; without it, it reveals nothing."""
    return hashlib.sha256(salt + user.encode()).hexdigest()


def _rewritten(swap: FileSwap, found: Occurrences, each: FileMatches) -> Replacement:
    """Rewrite the file without the person's rows."""
    dataset = each.file["dataset"]

    def exclude(table: pa.Table) -> pa.ChunkedArray:
        return found.search.rows.erasable(table, dataset)

    return swap.rewrite_without(each.file, exclude, each.found.rows if each.found else 0)


def _digests(done: Sequence[Replacement]) -> Mapping[str, Mapping[str, str]]:
    """Digests of the rows kept and left out, by dataset: the proof that no other row changed."""
    kept: dict[str, Digest] = defaultdict(Digest)
    excluded: dict[str, Digest] = defaultdict(Digest)
    for each in done:
        if each.result is not None:
            kept[each.job.dataset] += each.result.kept
            excluded[each.job.dataset] += each.result.excluded
    return {
        dataset: {"kept": _text(kept[dataset]), "left_out": _text(excluded[dataset])}
        for dataset in kept
    }


def _text(digest: Digest) -> str:
    return f"{digest.rows}:{digest.low:x}:{digest.high:x}"


def _retire_bodies(connection: Connection, found: Occurrences, sequence: int) -> None:
    """Batches stay, and name the entry that retired their raw bodies."""
    rows = [
        {"of_sequence": batch["sequence"]}
        for body in found.bodies
        for batch in body.batches
        if batch["raw_retired_sequence"] is None
    ]
    if rows:
        is_batch = batches.c.sequence == bindparam("of_sequence")
        gone = update(batches).where(is_batch).values(raw_retired_sequence=sequence)
        connection.execute(gone, rows)


def _paths(found: Occurrences) -> list[str]:
    bodies = (*found.bodies, *found.quarantined)
    return sorted({*found.retired, *(body.path for body in bodies)})


def _blank(connection: Connection, released_holds: Sequence[str]) -> None:
    if released_holds:
        is_one = table_of_holds.c.id.in_(released_holds)
        connection.execute(update(table_of_holds).where(is_one).values(user=None))
