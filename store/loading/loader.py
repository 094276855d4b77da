"""The loader: turns entered batches into Parquet parts, a few batches and one commit at a time.

It can be killed at any point. Before the commit all that it wrote has an unfinished name, so the
next loader removes it and loads the batches again; after the commit they are loaded. Only one
loader works on a store, the holder of its lock. Several of its threads may load at once.
"""

import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, select, update

from schema.errors import BodyDamaged, BodyUnreadable
from store.catalog import counts, ledger, manifest, removals
from store.catalog.catalog import Catalog
from store.catalog.counts import Key
from store.catalog.tables import batches
from store.errors import (
    DiskFailed,
    FileUnreadable,
    NoRoom,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
)
from store.files import durable
from store.files.layout import AUDIT_LABEL, DRAFT_PREFIX, Layout, is_sorted
from store.loading import diagnosis
from store.loading.conversion import Conversion, Converted
from store.parquet.part_file import settle
from store.sweep import sweep
from store.timestamps import Clock

# After so many failed attempts a batch is kept unread, for a later version to load.
ATTEMPTS_MAX = 5

# Waiting batches are loaded in groups up to this size: for a batch of a thousand records, a part
# and a commit of its own would cost more than decoding it. Larger groups leave threads idle.
GROUP_BYTES_MAX = 64 * 2**20
GROUP_BATCHES_MAX = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """One loaded batch; counts, and what was kept out, add up to its lines. `parts` may be shared."""

    batch_id: str
    dataset: str
    lines: int
    rows: int
    rejected_lines: int
    blank_lines: int
    parts: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A batch that cannot be decoded; its bytes stay as evidence."""

    batch_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A batch that met a fault of Raytrail; it is tried again after all others."""

    batch_id: str
    reason: str


Outcome = Loaded | Unread | Failed


class Loader:
    """`load_next` may be called by several threads at once."""

    def __init__(
        self, layout: Layout, catalog: Catalog, clock: Clock, conversion: Conversion
    ) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._conversion = conversion
        self._claiming = threading.Lock()
        self._claimed: set[int] = set()
        # True if a sweep was skipped because a replay was running.
        self.owes_sweep = False

    def sweep(self) -> int:
        """Remove what killed loaders and replays left, and move unknown files to `stray/`; return
        how many files that were.

        New parts of a running replay look the same, so nothing is swept while one runs. No
        thread may be in `load_next` either.
        """
        with durable.lock(self._layout.replay_lock) as no_replay:
            self.owes_sweep = not no_replay
            return self._sweep() if no_replay else 0

    def tidy(self) -> None:
        """Work that can wait: sweep after a killed replay, remove files whose grace is over."""
        if self.owes_sweep or self._layout.replay_mark.exists():
            self.sweep()
        removals.remove_due(self._layout, self._catalog, self._clock())

    def _sweep(self) -> int:
        swept = sweep(self._layout, self._catalog, self._clock, lambda path: not is_sorted(path))
        views = list(self._layout.root.glob(f"{DRAFT_PREFIX}*-{AUDIT_LABEL}*"))
        for unfinished in views:
            durable.remove(unfinished)
        durable.remove(self._layout.replay_mark, synced=False)
        return swept.unfinished + swept.strays + len(views)

    def load_next(self, *, only_full: bool = False) -> list[Outcome]:
        """Load the next group of entered batches; an empty list if there are none.

        With `only_full` the list is also empty while the group has room for more batches.
        """
        with self._claiming:
            group = self._claim(only_full=only_full)
            sequences = {batch["sequence"] for batch in group}
            self._claimed |= sequences
        try:
            return self._load_group(group)
        finally:
            with self._claiming:
                self._claimed -= sequences

    def _load_group(self, group: Sequence[RowMapping]) -> list[Outcome]:
        if len(group) > 1:
            try:
                return self._load(group)
            except (DiskFailed, NoRoom, StoreBusy, StoreUnavailable):
                raise
            except Exception:  # noqa: BLE001 (loaded one by one, the faulty batch shows)
                return [self._load_alone(batch) for batch in group]
        return [self._load_alone(batch) for batch in group]

    def _load_alone(self, batch: RowMapping) -> Outcome:
        try:
            return self._load([batch])[0]
        except FileUnreadable as error:
            return self._failed(batch, str(error))  # a person may give the permission meanwhile
        except (BodyDamaged, BodyUnreadable, StoreDamaged) as error:
            return self._set_aside(batch, str(error))
        except (DiskFailed, NoRoom, StoreBusy, StoreUnavailable):
            raise
        except Exception as error:  # noqa: BLE001 (one batch must not stop the others)
            return self._failed(batch, f"{type(error).__name__}: {error}")

    def _failed(self, batch: RowMapping, reason: str) -> Outcome:
        is_last = batch["attempts"] + 1 >= ATTEMPTS_MAX
        return self._set_aside(batch, reason) if is_last else Failed(batch["batch_id"], reason)

    def _claim(self, *, only_full: bool) -> list[RowMapping]:
        """The oldest of the least tried batches, and untried batches of its dataset behind it.

        A batch that kills loaders thus blocks no other.
        """
        waiting = select(batches).where(
            batches.c.state == "entered", batches.c.sequence.not_in(self._claimed)
        )
        with self._catalog.read() as connection:
            oldest = waiting.order_by(batches.c.attempts, batches.c.sequence).limit(1)
            first = connection.execute(oldest).mappings().first()
            if first is None:
                return []
            alike = waiting.where(
                batches.c.dataset == first["dataset"],
                batches.c.attempts == 0,
                batches.c.sequence > first["sequence"],
            )
            others = alike.order_by(batches.c.sequence).limit(GROUP_BATCHES_MAX - 1)
            found = [] if first["attempts"] else connection.execute(others).mappings().all()
        group = _while_small([first, *found])
        is_full = len(group) == GROUP_BATCHES_MAX or len(group) <= len(found)
        if only_full and not is_full:
            return []
        tried = update(batches).where(batches.c.sequence.in_([each["sequence"] for each in group]))
        with self._catalog.write() as connection:
            connection.execute(tried.values(attempts=batches.c.attempts + 1))
        return group

    def _load(self, group: Sequence[RowMapping]) -> list[Outcome]:
        first = group[0]
        # Random, so that no earlier attempt, nor a file of a lost catalog, has the same name.
        name = f"{first['sequence']:012d}-{first['batch_id'][:16]}-{secrets.token_hex(4)}.parquet"
        with self._catalog.read() as connection:
            sequence = ledger.sequence(connection)
        converted = self._conversion.convert(group, name, sequence)
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


def _while_small(waiting: Sequence[RowMapping]) -> list[RowMapping]:
    """The first batch, and the next ones while the group stays within GROUP_BYTES_MAX."""
    group = [waiting[0]]
    total_bytes = waiting[0]["inflated_bytes"] or 0
    for batch in waiting[1:]:
        total_bytes += batch["inflated_bytes"] or 0
        if total_bytes > GROUP_BYTES_MAX:
            break
        group.append(batch)
    return group
