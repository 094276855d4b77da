"""Kept raw bytes through the decoder again: new fields become columns, old faults are mended.

New parts are made beside the old ones, while loader and queries are at work; then one
transaction shows the new ones in the place of the old. Killed before it, nothing has changed and
the loader sweeps what was made; after it, everything has. Batches that share parts go together,
with one ledger entry for each such group.

Rows that a compaction merged with those of other batches are taken out of its files, which are
written again without them; then nobody else may rewrite meanwhile.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

from sqlalchemy import RowMapping

from schema.decoding.decoder import chosen
from schema.errors import RaytrailError
from store.backoff import Patience
from store.catalog import manifest
from store.compaction.file_swap import Exchange
from store.errors import DiskFailed, NoRoom, ReplayRefused, StoreBusy, StoreUnavailable
from store.files import durable
from store.intake.limits import IntakeLimits
from store.loading.conversion import Conversion
from store.replay import file_swap, merged_batches, merged_files
from store.replay.merged_batches import Located
from store.replay.results import Change, Done, Left, Replayed, left, summed
from store.replay.selection import Group, Selection, groups

# All of them change places in one transaction, while receivers wait for its lock; that takes
# some 0.15 ms a batch, and they wait for 20 s at most.
BATCHES_MAX = 50_000

# A merge of a large month takes minutes, and lets go of the lock when it is over.
REWRITES = Patience(seconds_max=300)

# Of these no other batch could be read either.
_ENDING = (DiskFailed, NoRoom, StoreBusy, StoreUnavailable)


class Replay:
    """One run after the other; a second process is refused while one is at work.

    `rewrites` is how long it waits for a merge, a retention or an erasure.
    """

    def __init__(
        self, exchange: Exchange, limits: IntakeLimits, rewrites: Patience = REWRITES
    ) -> None:
        self._exchange = exchange
        self._layout = exchange.layout
        self._catalog = exchange.catalog
        self._limits = limits
        self._rewrites = rewrites
        self._conversion = Conversion(exchange.layout, limits.envelope, chosen())

    def run(self, selection: Selection, *, is_trial: bool = False) -> Replayed:
        """Decode the selected batches again and show the result; a trial shows nothing."""
        with self._alone():
            if is_trial:
                return summed(None, self._change(self._groups(selection), is_trial=True))
            with self._undisturbed(selection) as found:
                durable.mark(self._layout.replay_mark)
                change = self._change(found, is_trial=False)
                sequence = self._swap(change) if change.done else None
            if not change.left:
                # Else something half-made may lie about: the loader sweeps. So it does, and
                # finds nothing, where the mark cannot be removed.
                with suppress(NoRoom, StoreUnavailable):
                    durable.remove(self._layout.replay_mark, synced=False)
        return summed(sequence, change)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with durable.lock(self._layout.replay_lock) as alone:
            if not alone:
                raise ReplayRefused("another replay is at work, or the loader sweeps; try again")
            yield

    @contextmanager
    def _undisturbed(self, selection: Selection) -> Iterator[list[Group]]:
        """What was selected, while nobody merges, retires or erases; whoever has parts of its own
        need not wait for that.
        """
        for _ in self._rewrites.tries():
            with self._exchange.alone() as is_alone:
                found = self._groups(selection)
                if is_alone or all(group.is_whole() for group in found):
                    yield found
                    return
        raise ReplayRefused(
            "the rows lie in merged files, and a merge, a retention or an erasure is at work on"
            " such files; nothing was replayed, try again when it is over"
        )

    def _groups(self, selection: Selection) -> list[Group]:
        with self._catalog.read() as connection:
            found = groups(connection, selection)
        _demand_few(batch for group in found for batch in _going(group))
        return found

    def _change(self, found: Sequence[Group], *, is_trial: bool) -> Change:
        merged = [batch for group in found if not group.is_whole() for batch in group.wanted]
        outcomes = [self._again(each, is_trial=is_trial) for each in found if each.is_whole()]
        located = merged_batches.locate(self._layout, self._catalog, self._live(merged), merged)
        _demand_few(batch for each in located.kin for batch in each.batches)
        apart = list(self._apart(located, is_trial=is_trial))
        moved = [each for each in apart if isinstance(each, Done)]
        change = Change(
            whole=[each for each in outcomes if isinstance(each, Done)],
            moved=moved,
            left=[each for each in (*outcomes, *apart) if isinstance(each, Left)],
            files=merged_files.files_of(located.contents, moved),
        )
        return change if is_trial else merged_files.replaced(self._exchange, change)

    def _live(self, merged: Collection[RowMapping]) -> Sequence[RowMapping]:
        return self._exchange.live() if merged else ()

    def _apart(self, located: Located, *, is_trial: bool) -> Iterator[Done | Left]:
        """Batches whose rows lie among others', some of them at a time."""
        fit = []
        for each in located.kin:
            lost = located.missing(each)
            if lost is None:
                fit.append(each)
                continue
            why = "; ".join(located.faults) or "what was retired or erased does not come back"
            yield left(each.group, f"{lost}; {why}", is_gone=not located.faults)
        for pack in merged_batches.packs(fit):
            outcome = self._again(merged_batches.grouped(pack), is_trial=is_trial)
            if isinstance(outcome, Left) and len(pack) > 1:
                # Which of them it was shows when each goes alone.
                yield from (self._again(each.group, is_trial=is_trial) for each in pack)
            else:
                yield outcome

    def _again(self, group: Group, *, is_trial: bool) -> Done | Left:
        if gone := [each["raw_retired_sequence"] for each in group.batches if _is_gone(each)]:
            reason = f"a raw body was let go of, as entry {max(gone)} says"
            return left(group, reason, is_gone=True)
        try:
            if is_trial:
                told = {each["sequence"]: self._conversion.diagnose(each) for each in group.batches}
                return Done(group, told)
            self._limits.reserve.demand(self._layout.parts)
            made = self._conversion.make(group.batches, _part_name(group))
        except _ENDING:
            raise
        except RaytrailError as error:
            return left(group, str(error))
        except Exception as error:  # noqa: BLE001 (one batch must not stop all others)
            return left(group, f"{type(error).__name__}: {error}")
        rows = [manifest.file_row(self._layout, part) for part in made.parts]
        return Done(group, made.told, rows)

    def _swap(self, change: Change) -> int:
        with self._catalog.write() as connection:
            return file_swap.show(connection, self._exchange, change)


def _going(group: Group) -> Sequence[RowMapping]:
    return group.batches if group.is_whole() else group.wanted


def _demand_few(found: Iterable[RowMapping]) -> None:
    count = sum(1 for _ in found)
    if count > BATCHES_MAX:
        raise ReplayRefused(
            f"{count:,} batches are more than the {BATCHES_MAX:,} that can change places at"
            " once; narrow them by --since and --until, or by --dataset"
        )


def _is_gone(batch: RowMapping) -> bool:
    return batch["raw_retired_sequence"] is not None


def _part_name(group: Group) -> str:
    """No part was ever called so: the old ones stay beside the new ones for a while."""
    first = group.batches[0]
    return f"{first['sequence']:012d}-{first['batch_id'][:16]}-{secrets.token_hex(4)}.parquet"
