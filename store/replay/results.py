"""What became of batches that were to be decoded again: done, or left as they are, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.compaction.file_swap import Replacement
from store.loading.diagnosis import Diagnosis
from store.replay.batch_rows import Contents
from store.replay.selection import Group

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
    """Batches that stay as they are, and why; `is_gone` where a raw body or rows were let go of on
    purpose.
    """

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
class Done:
    """One group decoded anew; nothing of it is shown yet."""

    group: Group
    told: Mapping[int, Diagnosis]
    rows: Sequence[dict[str, Any]] = field(default_factory=list)

    def before(self) -> Counter[str]:
        counted: Counter[str] = Counter(unread_batches=0)
        for batch in self.group.batches:
            counted.update({name: batch[name] or 0 for name in COUNTED})
            counted["unread_batches"] += not self.group.was_loaded
        return counted

    def after(self) -> Counter[str]:
        counted: Counter[str] = Counter(unread_batches=0)
        for batch in self.group.batches:
            counted.update(counts_told(self.told[batch["sequence"]]))
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """All that changes places in one step, and what is left.

    Groups that are `whole` go with their parts. The rows of those that `moved` lie in `files`,
    which `replaced` puts others in the place of; a trial makes none.
    """

    whole: Sequence[Done]
    moved: Sequence[Done]
    left: Sequence[Left]
    files: Sequence[Contents]
    replaced: Sequence[Replacement] = ()

    @property
    def done(self) -> list[Done]:
        return [*self.whole, *self.moved]


def counts_told(told: Diagnosis) -> dict[str, int]:
    columns = told.columns()
    return {name: columns[name] for name in COUNTED}


def left(group: Group, reason: str, *, is_gone: bool = False) -> Left:
    return Left(
        batches=tuple(batch["batch_id"] for batch in group.batches),
        dataset=group.dataset,
        reason=reason,
        was_loaded=group.was_loaded,
        is_gone=is_gone,
    )


def summed(sequence: int | None, change: Change) -> Replayed:
    before: dict[str, Counter[str]] = {}
    after: dict[str, Counter[str]] = {}
    for each in change.done:
        before.setdefault(each.group.dataset, Counter()).update(each.before())
        after.setdefault(each.group.dataset, Counter()).update(each.after())
    rewritten = sum(len(each.made.parts) for each in change.replaced if each.made)
    return Replayed(
        sequence=sequence,
        batches=sum(len(each.group.batches) for each in change.done),
        parts_retired=sum(len(each.group.files) for each in change.done) + len(change.files),
        parts_added=sum(len(each.rows) for each in change.done) + rewritten,
        before={dataset: dict(counted) for dataset, counted in before.items()},
        after={dataset: dict(counted) for dataset, counted in after.items()},
        left=tuple(change.left),
    )
