"""Rewrites merged files without the old rows of replayed batches."""

from collections.abc import Collection, Iterable
from dataclasses import replace

import pyarrow as pa

from store.compaction.file_swap import FileSwap, Replacement
from store.compaction.tiers import RewriteJob
from store.errors import ReplayRefused
from store.replay.batch_rows import BatchKey, FileBatches, mask_of
from store.replay.linked_batches import key_of
from store.replay.results import DecodedGroup, ReplayChange

# One transaction swaps all files, and receivers wait up to 20 s for its lock.
FILES_MAX = 10_000


def files_with_rows(
    found: Iterable[FileBatches], merged: Iterable[DecodedGroup]
) -> list[FileBatches]:
    """The files that have rows of these groups."""
    keys = _keys(merged)
    return [each for each in found if each.rows_of(keys)]


def with_replacements(swap: FileSwap, change: ReplayChange) -> ReplayChange:
    """The same change with its files rewritten; they are not committed yet."""
    if len(change.files) > FILES_MAX:
        raise ReplayRefused(
            f"the rows are in {len(change.files):,} files, and at most {FILES_MAX:,} can be"
            " replaced at once; run `raytrail compact` first"
        )
    keys = _keys(change.merged)
    gone = [Replacement(RewriteJob.of_file(file)) for file in change.lost]
    kept = [_without(swap, each, keys) for each in change.files]
    return replace(change, replacements=[*gone, *kept])


def _keys(merged: Iterable[DecodedGroup]) -> set[BatchKey]:
    return {key_of(batch) for each in merged for batch in each.group.batches}


def _without(swap: FileSwap, found: FileBatches, keys: Collection[BatchKey]) -> Replacement:
    file, rows = found.file, found.rows_of(keys)
    if rows == file["rows"]:
        return Replacement(RewriteJob.of_file(file))
    here = [key for key in found.rows if key in keys]

    def exclude(table: pa.Table) -> pa.ChunkedArray:
        return mask_of(table, file["dataset"], here)

    return swap.rewrite_without(file, exclude, rows)
