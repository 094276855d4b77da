"""Moves batches that came under a wrong name to the dataset that they belong to.

It is a replay in which the rows of these batches are decoded under the other name. One transaction
swaps rows, batches and totals, so that a process that dies has moved everything or nothing. A
dataset holds each content once, so a batch whose lines are there already stays where it is.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import RowMapping

from store.compaction.file_swap import FileSwap
from store.intake.limits import IntakeLimits
from store.replay import moved_batches
from store.replay.replay import Replay
from store.replay.results import DecodedGroup, ReplayResult, SkippedBatches, skipped
from store.replay.selection import BatchGroup, Selection


class Reassignment(Replay):
    """`into` is a valid name of a dataset."""

    def __init__(self, swap: FileSwap, limits: IntakeLimits, into: str) -> None:
        super().__init__(swap, limits)
        self._into = into
        self._moved: set[int] = set()
        self._kept: list[SkippedBatches] = []

    def run(self, selection: Selection, *, is_trial: bool = False) -> ReplayResult:
        """Move the selected batches; those of a part that they share are decoded again with it."""
        done = super().run(selection, is_trial=is_trial)
        return replace(done, left=(*self._kept, *done.left))

    def _groups(self, selection: Selection) -> list[BatchGroup]:
        found = [each for each in super()._groups(selection) if each.dataset != self._into]
        wanted = [batch for group in found for batch in group.wanted]
        with self._catalog.read() as connection:
            taken = moved_batches.held(connection, self._into, [each["content"] for each in wanted])
        self._moved, self._kept = set(), []
        for batch in wanted:
            if batch["content"] in taken:
                self._kept.append(self._already_there(batch, taken[batch["content"]]))
            else:
                self._moved.add(batch["sequence"])
                taken[batch["content"]] = batch["batch_id"]
        return [each for each in found if self._moving(each)]

    def _outcomes(
        self, group: BatchGroup, *, is_trial: bool
    ) -> Sequence[DecodedGroup | SkippedBatches]:
        """Batches that share a part and stay are decoded again under their own name."""
        moving = self._moving(group)
        staying = tuple(each for each in group.batches if each["sequence"] not in self._moved)
        # The old files are replaced once.
        outcomes = [
            self._decoder.decode(
                BatchGroup(moving, () if staying else group.files),
                is_trial=is_trial,
                into=self._into,
            )
        ]
        if staying:
            outcomes.append(
                self._decoder.decode(BatchGroup(staying, group.files), is_trial=is_trial)
            )
        reasons = [each for each in outcomes if isinstance(each, SkippedBatches)]
        return [replace(each, batches=_ids(group)) for each in reasons[:1]] or outcomes

    def _moving(self, group: BatchGroup) -> tuple[RowMapping, ...]:
        return tuple(each for each in group.batches if each["sequence"] in self._moved)

    def _already_there(self, batch: RowMapping, other: str) -> SkippedBatches:
        reason = f"{self._into} has these lines already, as batch {other[:16]}"
        return skipped(BatchGroup((batch,), ()), reason, is_gone=True)


def _ids(group: BatchGroup) -> tuple[str, ...]:
    return tuple(batch["batch_id"] for batch in group.batches)
