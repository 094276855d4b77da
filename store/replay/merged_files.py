"""Merged files written again without the rows of batches that were decoded anew."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from store.compaction.file_swap import Exchange, Files, Replacement
from store.compaction.tiers import DAY, MONTH, RUN, tier_of
from store.errors import ReplayRefused, RewriteRefused
from store.replay.batch_rows import Contents, Owner, mask_of
from store.replay.merged_batches import owner_of
from store.replay.results import Change, Done

# All of them change places in one transaction, while receivers wait for its lock, 20 s at most.
FILES_MAX = 10_000


def files_of(found: Iterable[Contents], moved: Iterable[Done]) -> list[Contents]:
    """The files that have rows of these."""
    owners = _owners(moved)
    return [each for each in found if each.rows_of(owners)]


def replaced(exchange: Exchange, change: Change) -> Change:
    """The same change with its files written again; nothing names them yet."""
    if len(change.files) > FILES_MAX:
        raise ReplayRefused(
            f"the rows lie in {len(change.files):,} files, and no more than {FILES_MAX:,} can"
            " change places at once; `raytrail compact` makes them fewer"
        )
    owners = _owners(change.moved)
    return replace(change, replaced=[_without(exchange, each, owners) for each in change.files])


def _owners(moved: Iterable[Done]) -> set[Owner]:
    return {owner_of(batch) for each in moved for batch in each.group.batches}


def _without(exchange: Exchange, found: Contents, owners: Collection[Owner]) -> Replacement:
    file, going = found.file, found.rows_of(owners)
    tier = tier_of(file)
    old = Files(
        dataset=file["dataset"],
        label=file["day"],
        tier=tier if tier in {DAY, MONTH} else RUN,
        inputs=(file,),
    )
    if going == file["rows"]:
        return Replacement(old)
    here: Sequence[Owner] = [owner for owner in found.rows if owner in owners]

    def leave_out(table: pa.Table) -> pa.ChunkedArray:
        return mask_of(table, file["dataset"], here)

    done = exchange.rewrite(old, leave_out)
    if done.made is None or done.made.left_out.rows != going:
        raise RewriteRefused(f"{file['path']}: other rows were left out than were found")
    return done
