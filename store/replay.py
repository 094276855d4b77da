"""Kept raw bytes through the decoder again: new fields become columns, old faults are mended.

New parts are made beside the old ones, while loader and queries are at work; then one
transaction shows the new ones in the place of the old. Killed before it, nothing has changed and
the loader sweeps what was made; after it, everything has. Batches that share parts go together,
with one ledger entry for each such group.
"""

import secrets
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from schema.decoder import chosen
from schema.errors import RaytrailError
from store import counts, diagnosis, durable, ledger, manifest, retired
from store.catalog import Catalog
from store.conversion import Conversion
from store.counts import Key
from store.diagnosis import Diagnosis
from store.errors import DiskFailed, NoRoom, ReplayRefused, StoreBusy, StoreUnavailable
from store.intake import IntakeLimits
from store.layout import Layout
from store.moment import Clock
from store.selection import Group, Selection, groups
from store.tables import batches, files

# All of them change places in one transaction, while receivers wait for its lock; that takes
# some 0.15 ms a batch, and they wait for 20 s at most.
BATCHES_MAX = 50_000

# What a batch counted before and counts now, as its row has it.
COUNTED = (
    "rows",
    "rejected_lines",
    "blank_lines",
    "misfits",
    "approximations",
    "unknown_members",
    "overruled_members",
)

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """Batches that stay as they are, and why; `is_gone` where a raw body was let go of on purpose."""

    batches: tuple[str, ...]
    dataset: str
    reason: str
    was_loaded: bool
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did, or would do. Counts are over the batches replayed, by dataset.

    `sequence` is the newest entry it wrote, None for a trial or when there was nothing to do.
    """

    sequence: int | None
    batches: int
    parts_retired: int
    parts_added: int
    before: Mapping[str, Counts]
    after: Mapping[str, Counts]
    left: tuple[Left, ...]


@dataclass(frozen=True, slots=True)
class _Done:
    """One group decoded anew; nothing of it is shown yet."""

    group: Group
    told: Mapping[int, Diagnosis]
    rows: Sequence[dict[str, Any]] = field(default_factory=list)


class Replay:
    """One run after the other; a second process is refused while one is at work."""

    def __init__(
        self, layout: Layout, catalog: Catalog, clock: Clock, limits: IntakeLimits
    ) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._limits = limits
        self._conversion = Conversion(layout, limits.envelope, chosen())

    def run(self, selection: Selection, *, is_trial: bool = False) -> Replayed:
        """Decode the selected batches again and show the result; a trial shows nothing."""
        with self._alone():
            found = self._groups(selection)
            done, left = list[_Done](), list[Left]()
            if not is_trial:
                durable.mark(self._layout.replay_mark)
            for group in found:
                outcome = self._again(group, is_trial=is_trial)
                if isinstance(outcome, Left):
                    left.append(outcome)
                else:
                    done.append(outcome)
            sequence = None if is_trial or not done else self._swap(done)
            if not is_trial and not left:
                # Else something half-made may lie about: the loader sweeps. So it does, and
                # finds nothing, where the mark cannot be removed.
                with suppress(NoRoom, StoreUnavailable):
                    durable.remove(self._layout.replay_mark, synced=False)
        return _summed(sequence, done, left)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with durable.lock(self._layout.replay_lock) as alone:
            if not alone:
                raise ReplayRefused("another replay is at work, or the loader sweeps; try again")
            yield

    def _groups(self, selection: Selection) -> list[Group]:
        with self._catalog.read() as connection:
            found = groups(connection, selection)
        count = sum(len(group.batches) for group in found)
        if count > BATCHES_MAX:
            raise ReplayRefused(
                f"{count:,} batches are more than the {BATCHES_MAX:,} that can change places at"
                " once; narrow them by --since and --until, or by --dataset"
            )
        return found

    def _again(self, group: Group, *, is_trial: bool) -> _Done | Left:
        if gone := [each["raw_retired_sequence"] for each in group.batches if _is_gone(each)]:
            reason = f"a raw body was let go of, as entry {max(gone)} says"
            return _left(group, reason, is_gone=True)
        if group.was_loaded and not group.is_whole():
            return _left(group, "its parts hold other rows too, so they cannot be replaced")
        try:
            if is_trial:
                told = {each["sequence"]: self._conversion.diagnose(each) for each in group.batches}
                return _Done(group, told)
            self._limits.reserve.demand(self._layout.parts)
            made = self._conversion.make(group.batches, _part_name(group))
        except (DiskFailed, NoRoom, StoreBusy, StoreUnavailable):
            raise
        except RaytrailError as error:
            return _left(group, str(error))
        except Exception as error:  # noqa: BLE001 (one batch must not stop all others)
            return _left(group, f"{type(error).__name__}: {error}")
        rows = [manifest.file_row(self._layout, part) for part in made.parts]
        return _Done(group, made.told, rows)

    def _swap(self, done: Sequence[_Done]) -> int:
        with self._catalog.write() as connection:
            _demand_unchanged(connection, done)
            now = self._clock()
            entries = ledger.append_all(connection, "replayed", now, map(_facts, done))
            sequences = [entry.sequence for entry in entries]
            _show(connection, done, sequences, retired.after_grace(now))
            _mark_loaded(connection, done, sequences)
            for dataset in sorted({each.group.dataset for each in done}):
                _tell(connection, dataset, [each for each in done if each.group.dataset == dataset])
        return sequences[-1]


def _part_name(group: Group) -> str:
    """No part was ever called so: the old ones stay beside the new ones for a while."""
    first = group.batches[0]
    return f"{first['sequence']:012d}-{first['batch_id'][:16]}-{secrets.token_hex(4)}.parquet"


def _demand_unchanged(connection: Connection, done: Iterable[_Done]) -> None:
    """What is about to be replaced must be what was read: nobody else may have changed it."""
    read = {
        batch["sequence"]: (batch["state"], batch["loaded_sequence"])
        for each in done
        for batch in each.group.batches
    }
    within = batches.c.sequence.between(min(read), max(read))
    query = select(batches.c.sequence, batches.c.state, batches.c.loaded_sequence).where(within)
    now = {sequence: tuple(rest) for sequence, *rest in connection.execute(query)}
    parts = {file["path"]: file["added_sequence"] for each in done for file in each.group.files}
    gone: set[str] = set()
    if parts:
        added = files.c.added_sequence.between(min(parts.values()), max(parts.values()))
        live = select(files.c.path).where(added, files.c.retired_sequence.is_(None))
        gone = parts.keys() - set(connection.scalars(live))
    if gone or any(now.get(sequence) != state for sequence, state in read.items()):
        raise ReplayRefused("the store changed meanwhile; nothing was replayed, try again")


def _facts(done: _Done) -> dict[str, Any]:
    """What the ledger says of one group: its batches, its old and new parts, and all counts."""
    return {
        "dataset": done.group.dataset,
        "batches": [
            {
                "batch": batch["sequence"],
                "batch_id": batch["batch_id"],
                "before": {name: batch[name] for name in COUNTED},
                "after": _counted(done.told[batch["sequence"]]),
            }
            for batch in done.group.batches
        ],
        "retired": sorted(file["path"] for file in done.group.files),
        "files": [manifest.told(row) for row in done.rows],
    }


def _show(
    connection: Connection, done: Sequence[_Done], sequences: Sequence[int], due_at: str
) -> None:
    old: list[RowMapping] = []
    last: list[int] = []
    new: list[dict[str, Any]] = []
    for each, sequence in zip(done, sequences, strict=True):
        old += each.group.files
        last += [sequence] * len(each.group.files)
        new += [{**row, "added_sequence": sequence} for row in each.rows]
    manifest.retire(connection, old, last, due_at)
    manifest.add(connection, new)


def _mark_loaded(connection: Connection, done: Sequence[_Done], sequences: Sequence[int]) -> None:
    changes = [
        {"of_sequence": batch["sequence"], "now": sequence}
        for each, sequence in zip(done, sequences, strict=True)
        for batch in each.group.batches
    ]
    is_batch = batches.c.sequence == bindparam("of_sequence")
    loaded: dict[str, Any] = {
        "state": "loaded",
        "reason": None,
        "loaded_sequence": bindparam("now"),
    }
    connection.execute(update(batches).where(is_batch).values(loaded), changes)
    unread = Counter(
        Key(each.group.dataset, "unread_batches") for each in done if not each.group.was_loaded
    )
    counts.change(connection, {key: -number for key, number in unread.items()})


def _tell(connection: Connection, dataset: str, done: Iterable[_Done]) -> None:
    old: list[RowMapping] = []
    told: dict[int, Diagnosis] = {}
    for each in done:
        old += each.group.batches
        told.update(each.told)
    diagnosis.withdraw(connection, dataset, old)
    diagnosis.record(connection, dataset, told)


def _counted(told: Diagnosis) -> dict[str, int]:
    columns = told.columns()
    return {name: columns[name] for name in COUNTED}


def _is_gone(batch: RowMapping) -> bool:
    return batch["raw_retired_sequence"] is not None


def _left(group: Group, reason: str, *, is_gone: bool = False) -> Left:
    return Left(
        batches=tuple(batch["batch_id"] for batch in group.batches),
        dataset=group.dataset,
        reason=reason,
        was_loaded=group.was_loaded,
        is_gone=is_gone,
    )


def _summed(sequence: int | None, done: Sequence[_Done], left: Sequence[Left]) -> Replayed:
    before: dict[str, Counter[str]] = {}
    after: dict[str, Counter[str]] = {}
    for each in done:
        old = before.setdefault(each.group.dataset, Counter())
        new = after.setdefault(each.group.dataset, Counter())
        for batch in each.group.batches:
            old.update({name: batch[name] or 0 for name in COUNTED})
            old["unread_batches"] += not each.group.was_loaded
            new.update(_counted(each.told[batch["sequence"]]))
            new["unread_batches"] += 0
    return Replayed(
        sequence=sequence,
        batches=sum(len(each.group.batches) for each in done),
        parts_retired=sum(len(each.group.files) for each in done),
        parts_added=sum(len(each.rows) for each in done),
        before={dataset: dict(counted) for dataset, counted in before.items()},
        after={dataset: dict(counted) for dataset, counted in after.items()},
        left=tuple(left),
    )
