"""Turns raw bodies into finished parts: inflated, decoded, split by day, sorted, written.

The catalog does not name the parts until the caller commits them. Batches of one dataset may share
parts, so that many small batches do not become many small files.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from schema.dataset import Dataset
from schema.decoding.decode import PIECE_BYTES, Blocks, Decoding, Run, decode
from schema.decoding.decoder import RULES, Decoder
from schema.decoding.result import Piece, Provenance, Tally
from schema.errors import BodyUnreadable
from schema.unknown_dataset import dataset_named
from store import timestamps
from store.catalog.counts import CatalogRow
from store.files.layout import Layout
from store.intake.raw_body import RawBodies
from store.keepout import exclusion
from store.keepout.rules import NO_RULES, NOTHING, Excluded, KeepingOut, Rules
from store.loading.body_start import BodyStart
from store.loading.diagnosis import Diagnosis
from store.loading.parts import Parts
from store.parquet.footer import Lineage
from store.parquet.part_file import Part


@dataclass(frozen=True, slots=True)
class Converted:
    """Finished parts that are not committed yet, and a diagnosis for each batch, by sequence.

    `rules` decided which records of erased persons were kept out of them.
    """

    parts: list[Part]
    diagnoses: dict[int, Diagnosis]
    rules: Rules

    def enter_kept_out(
        self, connection: Connection, now: datetime, group: Sequence[CatalogRow]
    ) -> None:
        """Enter what was kept out of the batches. KeepOutChanged if it is not all of it any more."""
        self.rules.demand_unchanged(connection, now)
        if self.rules.keep_outs:
            found = ((batch, self.diagnoses[batch["sequence"]].excluded) for batch in group)
            exclusion.enter(connection, now, found)


class Conversion:
    """`run` decodes the pieces of a large batch, perhaps in threads; a small batch is one piece.

    `keeping_out` tells which records of erased persons are not loaded.
    """

    def __init__(
        self,
        layout: Layout,
        bodies: RawBodies,
        decoder: Decoder,
        run: Run = map,
        keeping_out: KeepingOut | None = None,
    ) -> None:
        self._layout = layout
        self._bodies = bodies
        self._decoder = decoder
        self._run = run
        self._keeping_out = keeping_out

    def convert(
        self,
        group: Sequence[CatalogRow],
        name: str,
        sequence: int,
        on_progress: Callable[[int], None] = lambda _rows: None,
    ) -> Converted:
        """Write the parts of some batches of one dataset, each under `name` in its folder.
        `sequence` is the newest known ledger entry. `on_progress` is called with the rows
        decoded so far, and may block or raise.
        """
        rules = self._rules()
        lineage = Lineage(
            sequence=sequence,
            receipts=tuple(batch["sequence"] for batch in group),
            decoders=(f"{self._decoder.name}/{RULES}",),
        )
        made = self._from_block(group, name, lineage, on_progress, rules)
        return made or self._from_pieces(group, name, lineage, on_progress, rules)

    def _from_block(
        self,
        group: Sequence[CatalogRow],
        name: str,
        lineage: Lineage,
        on_progress: Callable[[int], None],
        rules: Rules,
    ) -> Converted | None:
        """All rows in one block, written as they were decoded; None if that is not possible."""
        if self._decoder.group is None:
            return None
        # Late: without Rust there is nothing to import.
        from store.loading.group_parts import GroupParts, MustSift  # noqa: PLC0415

        diagnoses = {}
        rows = self._decoder.group(dataset_of(group[0]))
        with (
            contextlib.suppress(MustSift),
            GroupParts(self._layout, rows, lineage, on_progress, rules) as parts,
        ):
            for batch in group:
                start = BodyStart(self._bodies.plain(batch))
                tallies = parts.read(start, batch)
                diagnoses[batch["sequence"]] = self._diagnosis(batch, start, tallies)
            return Converted(parts.finish(name), diagnoses, rules)
        return None

    def _from_pieces(
        self,
        group: Sequence[CatalogRow],
        name: str,
        lineage: Lineage,
        on_progress: Callable[[int], None],
        rules: Rules,
    ) -> Converted:
        diagnoses = {}
        with Parts(self._layout, dataset_of(group[0]), lineage, on_progress) as parts:
            for batch in group:
                take = partial(parts.add, batch=batch)
                diagnoses[batch["sequence"]] = self._each(batch, rules, take)
            return Converted(parts.finish(name), diagnoses, rules)

    def diagnose(self, batch: CatalogRow) -> Diagnosis:
        """What decoding a batch gives now; nothing is written."""
        return self._each(batch, self._rules(), lambda _piece: None)

    def _rules(self) -> Rules:
        return self._keeping_out.rules() if self._keeping_out else NO_RULES

    def _each(self, batch: CatalogRow, rules: Rules, take: Callable[[Piece], None]) -> Diagnosis:
        start = BodyStart(self._bodies.plain(batch))
        tallies, excluded = [], NOTHING
        for piece in self._pieces(batch, start):
            kept, found = rules.sift(piece)
            take(kept)
            tallies.append(piece.tally)
            excluded += found
        return self._diagnosis(batch, start, tallies, excluded)

    def _diagnosis(
        self,
        batch: CatalogRow,
        start: BodyStart,
        tallies: Iterable[Tally],
        excluded: Excluded = NOTHING,
    ) -> Diagnosis:
        return Diagnosis.of(
            tallies,
            shape=start.shape().value,
            decoder=self._decoder.name,
            likely=start.likely(dataset_of(batch)),
            excluded=excluded,
        )

    def _pieces(self, batch: CatalogRow, chunks: Iterable[bytes]) -> Iterator[Piece]:
        provenance = Provenance(
            batch_id=batch["batch_id"], received_at=timestamps.from_text(batch["received_at"])
        )
        is_small = (batch["inflated_bytes"] or 0) <= PIECE_BYTES
        decoding = Decoding(reader=self._decoder.reader, run=map if is_small else self._run)
        return decode(chunks, dataset_of(batch), provenance, decoding)


def in_threads(pool: Executor, ahead: int) -> Run:
    """Read pieces in `pool` and yield them in order; at most `ahead` finished ones wait."""

    def run(read: Callable[[Blocks], Piece], pieces: Iterable[Blocks]) -> Iterator[Piece]:
        waiting: deque[Future[Piece]] = deque()
        for blocks in pieces:
            waiting.append(pool.submit(read, list(blocks)))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    return run


def dataset_of(batch: CatalogRow) -> Dataset:
    dataset = dataset_named(batch["dataset"])
    if dataset is None:
        raise BodyUnreadable(f"{batch['dataset']!r} is not a valid dataset name")
    return dataset
