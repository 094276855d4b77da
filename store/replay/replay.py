"""Decodes kept raw bodies again, so that new columns and fixes of the decoder reach old rows.

New parts are written while loader and queries are running; then one transaction replaces the old
parts by them. If the process dies before it, nothing has changed and the loader deletes the new
parts. Batches that share parts are replayed together, with one ledger entry for each such group.

Rows that compaction has merged with those of other batches are removed by rewriting the merged
files, under the rewrite lock.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import RowMapping

from store.backoff import Backoff
from store.catalog.counts import CatalogRow
from store.compaction.file_swap import FileSwap
from store.errors import NoRoom, ReplayRefused, StoreUnavailable
from store.files import durable
from store.intake.limits import IntakeLimits
from store.parquet.part_file import settle
from store.replay import linked_batches, merged_files
from store.replay.commit import commit
from store.replay.group_decoder import GroupDecoder
from store.replay.linked_batches import BatchLocations
from store.replay.results import (
    DecodedGroup,
    ReplayChange,
    ReplayResult,
    SkippedBatches,
    skipped,
    summary,
)
from store.replay.selection import BatchGroup, Selection, groups

# One transaction commits all batches, at about 0.15 ms each; receivers wait up to 20 s for its
# lock.
BATCHES_MAX = 50_000

# What the service decodes by itself to make a damaged file again; it merges nothing meanwhile. Some
# minutes of work.
LOST_BYTES_MAX = 8 * 2**30

# A merge of a large month holds the lock for minutes.
REWRITES = Backoff(seconds_max=300)


class Replay:
    """A second process is refused while one is running.

    `rewrites` is how long a run waits for compaction, retention or an erasure.
    """

    def __init__(self, swap: FileSwap, limits: IntakeLimits, rewrites: Backoff = REWRITES) -> None:
        self._swap = swap
        self._layout = swap.layout
        self._catalog = swap.catalog
        self._rewrites = rewrites
        self._decoder = GroupDecoder(swap, limits)

    def run(self, selection: Selection, *, is_trial: bool = False) -> ReplayResult:
        """Decode the selected batches again and commit the result; a trial commits nothing."""
        with self._locked():
            if is_trial:
                found = self._groups(selection)
                return summary(None, self._change(found, selection.damaged, is_trial=True))
            with self._selected(selection) as found:
                durable.touch(self._layout.replay_mark)
                change = self._change(found, selection.damaged, is_trial=False)
                sequence = self._commit(change) if change.done else None
            if not change.skipped:
                # Otherwise uncommitted parts may be left, and the mark makes the loader delete them.
                # If it cannot be removed, the loader looks for parts and finds none.
                with suppress(NoRoom, StoreUnavailable):
                    durable.remove(self._layout.replay_mark, synced=False)
        return summary(sequence, change)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with durable.lock(self._layout.replay_lock) as alone:
            if not alone:
                raise ReplayRefused(
                    "another replay is running, or the loader cleans up after one; try again"
                )
            yield

    @contextmanager
    def _selected(self, selection: Selection) -> Iterator[list[BatchGroup]]:
        """The selected groups, under the rewrite lock if the rows of any are in merged files."""
        for _ in self._rewrites.attempts():
            with self._swap.locked() as has_lock:
                found = self._groups(selection)
                if has_lock or all(group.has_own_files() for group in found):
                    yield found
                    return
        raise ReplayRefused(
            "the rows are in merged files, and compaction, retention or an erasure is rewriting such"
            " files; nothing was replayed, try again when it has ended"
        )

    def _groups(self, selection: Selection) -> list[BatchGroup]:
        with self._catalog.read() as connection:
            found = groups(connection, selection)
        _demand_few(batch for group in found for batch in _replayed_batches(group))
        return found

    def _change(
        self, found: Sequence[BatchGroup], damaged: CatalogRow | None, *, is_trial: bool
    ) -> ReplayChange:
        """`damaged` limits the change to the batches whose rows are in this file."""
        whole = [each for each in found if each.has_own_files()]
        wanted = [batch for group in found if not group.has_own_files() for batch in group.wanted]
        if damaged is not None:
            whole = [each for each in whole if each.has_file(damaged)]
        outcomes = [one for each in whole for one in self._outcomes(each, is_trial=is_trial)]
        located = linked_batches.locate(self._layout, self._catalog, self._live(wanted), wanted)
        _demand_few(batch for each in located.linked for batch in each.batches)
        bytes_max = None if damaged is None else LOST_BYTES_MAX
        mended, lost = self._decode_lost(located, bytes_max, is_trial=is_trial)
        others = list(mended)
        if damaged is None:
            others += self._decode_merged(located, is_trial=is_trial)
        merged = [each for each in others if isinstance(each, DecodedGroup)]
        change = ReplayChange(
            with_own_files=[each for each in outcomes if isinstance(each, DecodedGroup)],
            merged=merged,
            skipped=[each for each in (*outcomes, *others) if isinstance(each, SkippedBatches)],
            files=merged_files.files_with_rows(located.files, merged),
            lost=lost,
        )
        return change if is_trial else merged_files.with_replacements(self._swap, change)

    def _live(self, wanted: Collection[RowMapping]) -> Sequence[RowMapping]:
        return self._swap.live_files() if wanted else ()

    def _decode_merged(
        self, located: BatchLocations, *, is_trial: bool
    ) -> Iterator[DecodedGroup | SkippedBatches]:
        """Decode batches whose rows were all found in merged files."""
        fit = [each for each in located.linked if located.missing(each) is None]
        for group in linked_batches.load_groups(fit):
            outcomes = self._outcomes(linked_batches.joined(group), is_trial=is_trial)
            if isinstance(outcomes[0], SkippedBatches) and len(group) > 1:
                # Decoded one by one, only those with the fault are skipped.
                for each in group:
                    yield from self._outcomes(each.group, is_trial=is_trial)
            else:
                yield from outcomes

    def _decode_lost(
        self, located: BatchLocations, bytes_max: int | None, *, is_trial: bool
    ) -> tuple[Sequence[DecodedGroup | SkippedBatches], Sequence[CatalogRow]]:
        """Decode batches with rows that were not found, if damaged files had exactly these rows.

        All or none, since the damaged files are given up for them; these are returned too.
        """
        gaps = {place: located.missing(each) for place, each in enumerate(located.linked)}
        short = {place: why for place, why in gaps.items() if why is not None}
        if not (located.lost and short and located.are_gaps_explained()):
            removed = "retention or an erasure removed rows, which a replay must not bring back"
            why = "; ".join(located.faults) or removed
            is_gone = not located.faults
            return [
                skipped(located.linked[place].group, f"{gap}; {why}", is_gone=is_gone)
                for place, gap in short.items()
            ], ()
        linked = [located.linked[place] for place in short]
        decoded: list[DecodedGroup] = []
        obstacle = linked_batches.obstacle(linked, bytes_max)
        for group in linked_batches.load_groups(linked if obstacle is None else ()):
            for each in self._outcomes(linked_batches.joined(group), is_trial=is_trial):
                if isinstance(each, SkippedBatches):
                    obstacle = each.reason
                else:
                    decoded.append(each)
            if obstacle is not None:
                break
        if obstacle is not None:
            reason = f"{'; '.join(located.faults)}; {obstacle}"
            return [skipped(one.group, reason) for one in linked], ()
        return decoded, located.lost

    def _outcomes(
        self, group: BatchGroup, *, is_trial: bool
    ) -> Sequence[DecodedGroup | SkippedBatches]:
        """What becomes of a group that is replaced as a whole: all of it, or nothing."""
        return [self._decoder.decode(group, is_trial=is_trial)]

    def _commit(self, change: ReplayChange) -> int:
        with self._catalog.write() as connection:
            sequence = commit(connection, self._swap, change)
        settle(part for each in change.done for part in each.parts)
        self._swap.settle(change.replacements)
        return sequence


def _replayed_batches(group: BatchGroup) -> Sequence[RowMapping]:
    return group.batches if group.has_own_files() else group.wanted


def _demand_few(found: Iterable[RowMapping]) -> None:
    count = sum(1 for _ in found)
    if count > BATCHES_MAX:
        raise ReplayRefused(
            f"{count:,} batches are selected, and at most {BATCHES_MAX:,} can be replayed at once;"
            " narrow them by --since and --until, or by --dataset"
        )
