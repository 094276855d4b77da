"""The outcome of a replay: batches decoded again, or skipped and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.catalog.counts import CatalogRow
from store.compaction.file_swap import Replacement
from store.keepout.rules import NO_RULES, Rules
from store.loading.diagnosis import Diagnosis
from store.parquet.part_file import Part
from store.replay.batch_rows import FileBatches
from store.replay.selection import BatchGroup

# The counts of a batch that a replay may change, as columns of `batches`.
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
class SkippedBatches:
    """Batches that stay as they are, and why.

    `is_gone`: retention or an erasure removed a raw body or rows, so this is no fault.
    """

    batches: tuple[str, ...]
    dataset: str
    reason: str
    was_loaded: bool
    is_gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What a replay did, or would do. Counts are sums over the replayed batches, by dataset.

    `sequence` is its newest ledger entry, None for a dry run or if no batch was replayed.
    """

    sequence: int | None
    batches: int
    parts_retired: int
    parts_added: int
    before: Mapping[str, Counts]
    after: Mapping[str, Counts]
    left: tuple[SkippedBatches, ...]
    # How many of the batches belong to another dataset now.
    moved: int = 0


@dataclass(frozen=True, slots=True)
class DecodedGroup:
    """A group after decoding; `rows` are catalog rows of its new `parts`, not committed yet.

    `into` is the dataset that its batches move to; None if they stay in theirs.
    """

    group: BatchGroup
    diagnoses: Mapping[int, Diagnosis]
    rows: Sequence[dict[str, Any]] = field(default_factory=list)
    parts: Sequence[Part] = ()
    into: str | None = None
    # They decided which records of erased persons were left out.
    rules: Rules = NO_RULES

    def before(self) -> Counter[str]:
        counted: Counter[str] = Counter(unread_batches=0)
        for batch in self.group.batches:
            counted.update({name: batch[name] or 0 for name in COUNTED})
            counted["unread_batches"] += not self.group.was_loaded
        return counted

    def after(self) -> Counter[str]:
        counted: Counter[str] = Counter(unread_batches=0)
        for batch in self.group.batches:
            counted.update(counts_of(self.diagnoses[batch["sequence"]]))
        return counted


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayChange:
    """Everything that one transaction commits, and what was skipped.

    Groups `with_own_files` are replaced with their parts. The old rows of `merged` groups are in
    `files`; `replacements` are these files without them. A dry run makes none.
    """

    with_own_files: Sequence[DecodedGroup]
    merged: Sequence[DecodedGroup]
    skipped: Sequence[SkippedBatches]
    files: Sequence[FileBatches]
    # Damaged files of which every row is in `merged` groups, decoded again.
    lost: Sequence[CatalogRow] = ()
    replacements: Sequence[Replacement] = ()

    @property
    def done(self) -> list[DecodedGroup]:
        return [*self.with_own_files, *self.merged]


def counts_of(diagnosis: Diagnosis) -> dict[str, int]:
    columns = diagnosis.columns()
    return {name: columns[name] for name in COUNTED}


def skipped(group: BatchGroup, reason: str, *, is_gone: bool = False) -> SkippedBatches:
    return SkippedBatches(
        batches=tuple(batch["batch_id"] for batch in group.batches),
        dataset=group.dataset,
        reason=reason,
        was_loaded=group.was_loaded,
        is_gone=is_gone,
    )


def summary(sequence: int | None, change: ReplayChange) -> ReplayResult:
    before: dict[str, Counter[str]] = {}
    after: dict[str, Counter[str]] = {}
    for each in change.done:
        old, new = each.group.dataset, each.into or each.group.dataset
        for counted in (before, after):
            for dataset in (old, new):
                counted.setdefault(dataset, Counter(dict.fromkeys((*COUNTED, "unread_batches"), 0)))
        before[old].update(each.before())
        after[new].update(each.after())
    rewritten = sum(len(each.result.parts) for each in change.replacements if each.result)
    return ReplayResult(
        sequence=sequence,
        batches=sum(len(each.group.batches) for each in change.done),
        parts_retired=sum(len(each.group.files) for each in change.done)
        + len(change.files)
        + len(change.lost),
        parts_added=sum(len(each.rows) for each in change.done) + rewritten,
        before={dataset: dict(counted) for dataset, counted in before.items()},
        after={dataset: dict(counted) for dataset, counted in after.items()},
        left=tuple(change.skipped),
        moved=sum(len(each.group.batches) for each in change.done if each.into),
    )
