"""Commits a replay: one transaction replaces the old parts and rows by the new ones."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select, update

from store.catalog import counts, ledger, manifest, removals
from store.catalog.counts import CatalogRow, Key
from store.catalog.tables import batches, files
from store.compaction.file_swap import FileSwap
from store.errors import KeepOutChanged, ReplayRefused
from store.keepout import exclusion
from store.keepout.rules import Excluded
from store.ledger.entry import Entry
from store.loading import diagnosis
from store.loading.diagnosis import Diagnosis
from store.replay import moved_batches
from store.replay.results import COUNTED, DecodedGroup, ReplayChange, counts_of


def commit(connection: Connection, swap: FileSwap, change: ReplayChange) -> int:
    """Append a ledger entry for each group and one for rewritten files; returns the last sequence.

    The caller holds the write lock and commits. ReplayRefused if the store changed meanwhile.
    """
    stays = [each for each in change.done if each.into is None]
    moves = [each for each in change.done if each.into is not None]
    done = [*stays, *moves]
    now = swap.clock()
    _demand_unchanged(connection, change)
    _demand_rules_in_force(connection, now, done)
    sequences = [entry.sequence for entry in _enter(connection, now, stays, moves)]
    _replace_parts(connection, done, sequences, removals.after_grace(now))
    _mark_loaded(connection, done, sequences)
    for dataset in sorted({each.group.dataset for each in stays}):
        _record_diagnoses(
            connection, dataset, [each for each in stays if each.group.dataset == dataset]
        )
    for each in moves:
        moved_batches.move(connection, each)
    exclusion.enter(connection, now, _excluded(done))
    if not change.replacements:
        return sequences[-1]
    merged = {"batches": [_named(batch) for each in change.merged for batch in each.group.batches]}
    return swap.commit(connection, "replayed", merged, change.replacements)


def _excluded(done: Sequence[DecodedGroup]) -> Iterator[tuple[CatalogRow, Excluded]]:
    for each in done:
        for batch in each.group.batches:
            row = {**batch, "dataset": each.into or batch["dataset"]}
            yield row, each.diagnoses[batch["sequence"]].excluded


def _enter(
    connection: Connection,
    now: datetime,
    stays: Sequence[DecodedGroup],
    moves: Sequence[DecodedGroup],
) -> Iterator[Entry]:
    if stays:
        yield from ledger.append_all(connection, "replayed", now, map(_facts, stays))
    if moves:
        yield from ledger.append_all(connection, "reassigned", now, map(_facts, moves))


def _demand_unchanged(connection: Connection, change: ReplayChange) -> None:
    """ReplayRefused if a batch or file was changed since it was read."""
    read = {
        batch["sequence"]: (batch["state"], batch["loaded_sequence"])
        for each in change.done
        for batch in each.group.batches
    }
    within = batches.c.sequence.between(min(read), max(read))
    query = select(batches.c.sequence, batches.c.state, batches.c.loaded_sequence).where(within)
    now = {sequence: tuple(rest) for sequence, *rest in connection.execute(query)}
    parts = {file["path"]: file["added_sequence"] for file in _old_files(change)}
    gone: set[str] = set()
    if parts:
        added = files.c.added_sequence.between(min(parts.values()), max(parts.values()))
        live = select(files.c.path).where(added, files.c.retired_sequence.is_(None))
        gone = parts.keys() - set(connection.scalars(live))
    if gone or any(now.get(sequence) != state for sequence, state in read.items()):
        raise ReplayRefused("the store changed meanwhile; nothing was replayed, try again")


def _demand_rules_in_force(
    connection: Connection, now: datetime, done: Iterable[DecodedGroup]
) -> None:
    """ReplayRefused if a hold was placed that may keep what was left out."""
    try:
        for each in done:
            each.rules.demand_unchanged(connection, now)
    except KeepOutChanged as error:
        raise ReplayRefused(f"{error}; nothing was replayed, try again") from error


def _old_files(change: ReplayChange) -> Iterator[CatalogRow]:
    for each in change.done:
        yield from each.group.files
    for found in change.files:
        yield found.file
    yield from change.lost


def _named(batch: CatalogRow) -> dict[str, Any]:
    return {"batch": batch["sequence"], "batch_id": batch["batch_id"]}


def _facts(done: DecodedGroup) -> dict[str, Any]:
    """For the ledger: the batches of a group, its old and new parts, and all counts."""
    return {
        "dataset": done.group.dataset,
        **({"into": done.into} if done.into else {}),
        "batches": [
            {
                **_named(batch),
                "before": {name: batch[name] for name in COUNTED},
                "after": {
                    **counts_of(done.diagnoses[batch["sequence"]]),
                    **done.diagnoses[batch["sequence"]].ledger_facts(),
                },
            }
            for batch in done.group.batches
        ],
        "retired": sorted(file["path"] for file in done.group.files),
        "files": [manifest.ledger_facts(row) for row in done.rows],
    }


def _replace_parts(
    connection: Connection, done: Sequence[DecodedGroup], sequences: Sequence[int], due_at: str
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


def _mark_loaded(
    connection: Connection, done: Sequence[DecodedGroup], sequences: Sequence[int]
) -> None:
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


def _record_diagnoses(connection: Connection, dataset: str, done: Iterable[DecodedGroup]) -> None:
    old: list[RowMapping] = []
    new: dict[int, Diagnosis] = {}
    for each in done:
        old += each.group.batches
        new.update(each.diagnoses)
    diagnosis.withdraw(connection, dataset, old)
    diagnosis.record(connection, dataset, new)
