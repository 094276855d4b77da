"""The loader: turns entered batches into Parquet parts, a few batches and one commit at a time.

It can be killed at any point. Before the commit all that it wrote has an unfinished name, so the
next loader removes it and loads the batches again; after the commit they are loaded. Only one
loader works on a store, the holder of its lock. Several of its threads may load at once.
"""

import secrets
from collections.abc import Sequence

from sqlalchemy import RowMapping, update

from schema.errors import BodyDamaged, BodyUnreadable
from store.catalog import counts, ledger, manifest, removals
from store.catalog.catalog import Catalog
from store.catalog.counts import Key
from store.catalog.tables import batches
from store.errors import (
    DiskFailed,
    FileUnreadable,
    KeepOutChanged,
    NoRoom,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
)
from store.files import durable
from store.files.layout import AUDIT_LABEL, DRAFT_PREFIX, Layout, is_sorted
from store.loading import diagnosis
from store.loading.claims import (
    NEEDS_MEMORY,
    Claims,
    Lane,
    is_given_up,
    is_last_attempt,
    reason_of_death,
)
from store.loading.conversion import Conversion, Converted
from store.loading.kept_memory import KeptMemory
from store.loading.outcome import Failed, Loaded, Outcome, Unread
from store.loading.turn import GaveWay, Turn
from store.parquet.part_file import settle
from store.sweep import sweep
from store.timestamps import Clock

# The end of an attempt that says nothing about its batches.
NOT_THEIR_FAULT = (DiskFailed, NoRoom, StoreBusy, StoreUnavailable)


class Loader:
    """`load_next` may be called by several threads at once."""

    def __init__(
        self,
        layout: Layout,
        catalog: Catalog,
        clock: Clock,
        conversion: Conversion,
        claims: Claims,
    ) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._conversion = conversion
        self._claims = claims
        self._memory = KeptMemory()
        # True if a sweep was skipped because a replay was running.
        self.owes_sweep = False

    def sweep(self) -> int:
        """Remove what killed loaders and replays left, and move unknown files to `stray/`; return
        how many files that were. Tries that ended with the death of a loader are counted.

        New parts of a running replay look the same, so nothing is swept while one runs. No
        thread may be in `load_next` either.
        """
        self._claims.count_deaths()
        with durable.lock(self._layout.replay_lock) as no_replay:
            self.owes_sweep = not no_replay
            return self._sweep() if no_replay else 0

    def tidy(self) -> None:
        """Work that can wait: sweep after a killed replay, remove files whose grace is over, give
        memory back.
        """
        is_due = self.owes_sweep or self._layout.replay_mark.exists()
        if is_due:
            # What a load has written so far looks like leftovers.
            with self._claims.paused() as is_idle:
                if is_idle:
                    self.sweep()
        removals.remove_due(self._layout, self._catalog, self._clock())
        self._memory.rest()

    def _sweep(self) -> int:
        swept = sweep(self._layout, self._catalog, self._clock, lambda path: not is_sorted(path))
        views = list(self._layout.root.glob(f"{DRAFT_PREFIX}*-{AUDIT_LABEL}*"))
        for unfinished in views:
            durable.remove(unfinished)
        durable.remove(self._layout.replay_mark, synced=False)
        return swept.unfinished + swept.strays + len(views)

    def load_next(
        self, *, only_full: bool = False, lane: Lane = Lane.ANY, turn: Turn | None = None
    ) -> list[Outcome]:
        """Load the next group of entered batches; an empty list if there are none, or if the load
        gave way.

        With `only_full` the list is also empty while the group has room for more batches.
        """
        group = self._claims.next_group(lane, only_full=only_full)
        if group:
            self._memory.use()
        try:
            outcomes = self._load_group(group, turn or Turn())
        except GaveWay:
            self._claims.gave_way(group)
            return []
        except NOT_THEIR_FAULT:
            self._claims.give_back(group)
            raise
        else:
            failed = [each.batch_id for each in outcomes if isinstance(each, Failed)]
            self._claims.survived(failed)
            return outcomes
        finally:
            self._claims.done(group)

    def forgive(self) -> None:
        """Somebody stops this process, so that its end does not count against any batch."""
        self._claims.forgive()

    def _load_group(self, group: Sequence[RowMapping], turn: Turn) -> list[Outcome]:
        if len(group) > 1:
            try:
                return self._load(group, turn)
            except (*NOT_THEIR_FAULT, GaveWay):
                raise
            except Exception:  # noqa: BLE001 (loaded one by one, the faulty batch shows)
                return [self._load_alone(batch, turn) for batch in group]
        return [self._load_alone(batch, turn) for batch in group]

    def _load_alone(self, batch: RowMapping, turn: Turn) -> Outcome:
        if is_given_up(batch):
            return self._set_aside(batch, reason_of_death(batch))
        try:
            return self._load([batch], turn)[0]
        except FileUnreadable as error:
            return self._failed(batch, str(error))  # a person may give the permission meanwhile
        except (BodyDamaged, BodyUnreadable, StoreDamaged) as error:
            return self._set_aside(batch, str(error))
        except KeepOutChanged:
            return self._load_alone(batch, turn)  # by the rules of now; each erasure asks once
        except (*NOT_THEIR_FAULT, GaveWay):
            raise
        except Exception as error:  # noqa: BLE001 (one batch must not stop the others)
            return self._failed(batch, _reason(error))

    def _failed(self, batch: RowMapping, reason: str) -> Outcome:
        if is_last_attempt(batch):
            return self._set_aside(batch, reason)
        return Failed(batch["batch_id"], reason)

    def _load(self, group: Sequence[RowMapping], turn: Turn) -> list[Outcome]:
        first = group[0]
        # Random, so that no earlier attempt, nor a file of a lost catalog, has the same name.
        name = f"{first['sequence']:012d}-{first['batch_id'][:16]}-{secrets.token_hex(4)}.parquet"
        with self._catalog.read() as connection:
            sequence = ledger.sequence(connection)
        converted = self._conversion.convert(group, name, sequence, turn.step)
        try:
            outcomes = self._commit(group, converted)
        except Exception:
            self.owes_sweep = True
            raise
        settle(converted.parts)
        return outcomes

    def _commit(self, group: Sequence[RowMapping], converted: Converted) -> list[Outcome]:
        batch_facts = [
            {
                "batch": batch["sequence"],
                "batch_id": batch["batch_id"],
                **converted.diagnoses[batch["sequence"]].line_counts(),
                **converted.diagnoses[batch["sequence"]].ledger_facts(),
            }
            for batch in group
        ]
        rows = [manifest.file_row(self._layout, part) for part in converted.parts]
        facts = {"batches": batch_facts, "files": [manifest.ledger_facts(row) for row in rows]}
        with self._catalog.write() as connection:
            entry = ledger.append(connection, "loaded", self._clock(), facts)
            manifest.add(connection, [{**row, "added_sequence": entry.sequence} for row in rows])
            diagnosis.record(connection, group[0]["dataset"], converted.diagnoses)
            done = update(batches).where(batches.c.sequence.in_(list(converted.diagnoses)))
            connection.execute(done.values(state="loaded", loaded_sequence=entry.sequence))
            converted.enter_kept_out(connection, self._clock(), group)
        return [
            Loaded(
                batch_id=batch["batch_id"],
                dataset=batch["dataset"],
                parts=len(converted.parts),
                **converted.diagnoses[batch["sequence"]].line_counts(),
            )
            for batch in group
        ]

    def _set_aside(self, batch: RowMapping, reason: str) -> Unread:
        facts = {"batch": batch["sequence"], "batch_id": batch["batch_id"], "reason": reason}
        with self._catalog.write() as connection:
            ledger.append(connection, "unread", self._clock(), facts)
            aside = update(batches).where(batches.c.sequence == batch["sequence"])
            connection.execute(aside.values(state="unread", reason=reason))
            counts.change(connection, {Key(batch["dataset"], "unread_batches"): 1})
        return Unread(batch["batch_id"], reason)


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return f"{NEEDS_MEMORY}: {error}".removesuffix(": ")
    return f"{type(error).__name__}: {error}"
