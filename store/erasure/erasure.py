"""A person's rows, lines and bodies go at once and for good; everybody else's stay as they are.

New files are made beside the old ones, then one transaction shows them, lets go of the bodies and
writes the receipt; then everything old is removed, and the catalog is written anew.

| the process dies       | what is so                                  | what ends it               |
|------------------------|---------------------------------------------|----------------------------|
| before the transaction | nothing has changed                         | the next rewrite sweeps    |
| after it               | nobody is shown the rows any more           | the loader, or `erase`     |
| before the purge       | deleted bytes may still lie in the catalog  | `erase`, once more         |
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, bindparam, update

from store import backlog
from store.backoff import STEP_SECONDS, Patience
from store.catalog import removals
from store.catalog.tables import batches
from store.catalog.tables import holds as table_of_holds
from store.compaction.file_swap import Exchange, Files, Replacement
from store.compaction.tiers import DAY, MONTH, RUN, tier_of
from store.erasure.identifier import Identifier
from store.erasure.occurrences import Belongings
from store.erasure.person_search import FileFound, PersonSearch
from store.errors import EraseRefused, RewriteRefused
from store.files import durable
from store.parquet.row_hashes import Digest
from store.retention import holds
from store.store import Store

# All files change places in one transaction, while receivers wait for its lock, 20 s at most.
FILES_MAX = 10_000

# A loader that is well has caught up by then; one that is not needs somebody.
LOADING = Patience(seconds_max=120)

# A merge of a large month takes minutes, and lets go of the lock when it is over.
REWRITING = Patience(seconds_max=300)

# Three tries; each waits for readers for as long as every writer does.
PURGING = Patience(seconds_max=2 * STEP_SECONDS)

SALT_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long an erasure waits for whom."""

    loading: Patience = LOADING
    rewriting: Patience = REWRITING
    purging: Patience = PURGING


@dataclass(frozen=True, slots=True)
class Erased:
    """What was there, and the receipt's number; None where nothing had to go."""

    belongings: Belongings
    sequence: int | None


def look(store: Store, identifier: Identifier) -> Belongings:
    """What an erasure would find now; nothing is changed, and nobody is kept waiting."""
    return Belongings.of(PersonSearch.of(store.layout, store.catalog, identifier))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """`told` is called once everything is ready, before the one step that cannot be taken back."""

    store: Store
    identifier: Identifier
    reason: str
    salt: bytes
    waits: Waits = Waits()
    told: Callable[[], None] = lambda: None

    def run(self) -> Erased:
        """Erase all that was received by now. EraseRefused, RewriteRefused: nothing changed."""
        if self.identifier.user.casefold() in self.reason.casefold():
            raise EraseRefused("the reason is kept for ever, so the person must not be in it")
        backlog.drain(self.store, self.waits.loading)
        # Nothing is folded meanwhile: not a mark of anybody else's row may change.
        exchange = replace(self.store.exchange(), originals=None)
        with self._alone(exchange):
            self._remove()
            found = look(self.store, self.identifier)
            sequence = None if found.is_nothing else self._erase(exchange, found)
            self._remove()
        return Erased(found, sequence)

    def purge(self) -> None:
        """Leave no byte of what was deleted in the catalog. StoreBusy: run the erasure again."""
        self.store.catalog.purge(self.waits.purging)

    @contextmanager
    def _alone(self, exchange: Exchange) -> Iterator[None]:
        """Nobody else rewrites, and no replay brings back what was read before."""
        for _ in self.waits.rewriting.tries():
            with exchange.alone() as is_alone:
                if not is_alone:
                    continue
                with durable.lock(self.store.layout.replay_lock) as no_replay:
                    if no_replay:
                        yield
                        return
        raise EraseRefused("another rewrite is at work, or a replay; try again when it is over")

    def _erase(self, exchange: Exchange, found: Belongings) -> int:
        if len(found.rewritten) > FILES_MAX:
            raise EraseRefused(
                f"the rows lie in {len(found.rewritten):,} files, and no more than {FILES_MAX:,}"
                " can change places at once; `raytrail compact` makes them fewer"
            )
        done = [_rewritten(exchange, found, each) for each in found.rewritten]
        self.told()
        now = self.store.clock()
        with self.store.catalog.write() as connection:
            holds.demand_same(connection, found.search.holds)
            facts = self._receipt(found, done)
            sequence = exchange.show(connection, "erased", facts, done, due_at=now)
            _let_go(connection, found, sequence)
            removals.hasten(connection, _paths(found), removals.at(now))
            _blank(connection, found.released_holds)
        return sequence

    def _receipt(self, found: Belongings, done: Sequence[Replacement]) -> dict[str, Any]:
        """What the ledger says of it, for ever, and so without the name."""
        digests = _digests(done)
        return {
            "reason": self.reason,
            "user_digest": user_digest(self.salt, self.identifier.user),
            "datasets": {
                dataset: {**asdict(share), **digests.get(dataset, {})}
                for dataset, share in found.shares().items()
            },
            "raw_bodies": len(found.bodies),
            "raw_bodies_kept": len(found.kept_bodies),
            "quarantined_bodies": len(found.quarantined),
            "retired_files": len(found.retired),
            "holds_blanked": sorted(found.released_holds),
        }

    def _remove(self) -> None:
        """Everything whose time has come: an erasure's files, and those of one that died."""
        while removals.remove_due(self.store.layout, self.store.catalog, self.store.clock()):
            pass


def user_digest(salt: bytes, user: str) -> str:
    """Proves the name to who has the salt, and tells nobody else anything."""
    return hashlib.sha256(salt + user.encode()).hexdigest()


def _rewritten(exchange: Exchange, found: Belongings, each: FileFound) -> Replacement:
    """The same file without the person's rows. The caller has seen that it has some."""
    dataset, tier = each.file["dataset"], tier_of(each.file)

    def leave_out(table: pa.Table) -> pa.ChunkedArray:
        return found.search.rows.leaving(table, dataset)

    old = Files(
        dataset=dataset,
        label=each.file["day"],
        tier=tier if tier in {DAY, MONTH} else RUN,
        inputs=(each.file,),
    )
    done = exchange.rewrite(old, leave_out)
    seen, left_out = each.found, done.made.left_out.rows if done.made else 0
    if seen is None or left_out != seen.rows:
        raise RewriteRefused(f"{each.file['path']}: {left_out} rows would go, not those found")
    return done


def _digests(done: Sequence[Replacement]) -> Mapping[str, Mapping[str, str]]:
    """By which each rewrite proved that it changed nothing else; summed up over a dataset."""
    kept: dict[str, Digest] = defaultdict(Digest)
    left_out: dict[str, Digest] = defaultdict(Digest)
    for each in done:
        if each.made is not None:
            kept[each.files.dataset] += each.made.kept
            left_out[each.files.dataset] += each.made.left_out
    return {
        dataset: {"kept": _text(kept[dataset]), "left_out": _text(left_out[dataset])}
        for dataset in kept
    }


def _text(digest: Digest) -> str:
    return f"{digest.rows}:{digest.low:x}:{digest.high:x}"


def _let_go(connection: Connection, found: Belongings, sequence: int) -> None:
    """Batches stay, and say which entry let go of their raw bodies."""
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


def _paths(found: Belongings) -> list[str]:
    bodies = (*found.bodies, *found.quarantined)
    return sorted({*found.retired, *(body.path for body in bodies)})


def _blank(connection: Connection, released_holds: Sequence[str]) -> None:
    if released_holds:
        is_one = table_of_holds.c.id.in_(released_holds)
        connection.execute(update(table_of_holds).where(is_one).values(user=None))
