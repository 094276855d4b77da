"""Decodes the raw bodies of a group of batches into new parts, which are not committed yet."""

import secrets
from collections.abc import Sequence

from sqlalchemy import RowMapping

from schema.decoding.decoder import chosen
from schema.errors import RaytrailError
from store.catalog import ledger, manifest
from store.catalog.counts import CatalogRow
from store.compaction.file_swap import FileSwap
from store.compaction.progress import Stopped
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.intake.limits import IntakeLimits
from store.intake.raw_body import RawBodies
from store.loading.conversion import Conversion
from store.replay.results import DecodedGroup, SkippedBatches, skipped
from store.replay.selection import BatchGroup
from store.retention.exempt import keeping_out

# After these no other batch is decoded either.
_ENDING = (DiskFailed, NoRoom, StoreBusy, StoreUnavailable, Stopped)


class GroupDecoder:
    """Any fault of one group is its result, so that it does not stop the others.

    The swap's `on_progress` is called with the rows decoded of a group so far, and may block or
    raise Stopped.
    """

    def __init__(self, swap: FileSwap, limits: IntakeLimits) -> None:
        self._layout = swap.layout
        self._catalog = swap.catalog
        self._limits = limits
        bodies = RawBodies(swap.layout, limits.envelope)
        rules = keeping_out(swap.catalog, swap.clock)
        self._conversion = Conversion(swap.layout, bodies, chosen(), keeping_out=rules)
        self._on_progress = swap.on_progress

    def decode(
        self, group: BatchGroup, *, is_trial: bool, into: str | None = None
    ) -> DecodedGroup | SkippedBatches:
        """`into` is the dataset to decode the batches under, if not their own. A trial writes
        nothing.
        """
        if gone := [each["raw_retired_sequence"] for each in group.batches if _is_gone(each)]:
            reason = f"a raw body was removed by ledger entry {max(gone)}"
            return skipped(group, reason, is_gone=True)
        found = _in_dataset(group.batches, into)
        try:
            if is_trial:
                diagnoses = {each["sequence"]: self._conversion.diagnose(each) for each in found}
                return DecodedGroup(group, diagnoses, into=into)
            self._limits.reserve.require(self._layout.parts)
            with self._catalog.read() as connection:
                sequence = ledger.sequence(connection)
            name = _part_name(group)
            made = self._conversion.convert(found, name, sequence, self._on_progress)
        except _ENDING:
            raise
        except RaytrailError as error:
            return skipped(group, str(error))
        except Exception as error:  # noqa: BLE001 (one batch must not stop all others)
            return skipped(group, f"{type(error).__name__}: {error}")
        rows = [manifest.file_row(self._layout, part) for part in made.parts]
        return DecodedGroup(group, made.diagnoses, rows, made.parts, into, made.rules)


def _in_dataset(found: Sequence[RowMapping], into: str | None) -> Sequence[CatalogRow]:
    return found if into is None else [{**batch, "dataset": into} for batch in found]


def _is_gone(batch: RowMapping) -> bool:
    return batch["raw_retired_sequence"] is not None


def _part_name(group: BatchGroup) -> str:
    """A new name, since the old parts stay beside the new ones for their grace period."""
    first = group.batches[0]
    return f"{first['sequence']:012d}-{first['batch_id'][:16]}-{secrets.token_hex(4)}.parquet"
