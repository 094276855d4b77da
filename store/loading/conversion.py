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
from operator import attrgetter

import pyarrow as pa
from sqlalchemy import Connection

from schema.body.body_shape import SHAPE_BYTES, Shape, shape_of
from schema.columns import REJECTED_SCHEMA, SENT_AS, loaded_schema
from schema.dataset import Dataset
from schema.decoding.decode import PIECE_BYTES, Blocks, Decoding, Run, decode
from schema.decoding.decoder import RULES, Decoder
from schema.decoding.result import Piece, Provenance
from schema.errors import BodyUnreadable
from schema.recognition import likely_dataset
from schema.unknown_dataset import dataset_named
from store import timestamps
from store.catalog.counts import CatalogRow
from store.files import durable
from store.files.layout import REJECTED, Layout
from store.intake.raw_body import RawBodies
from store.keepout import exclusion
from store.keepout.rules import NO_RULES, NOTHING, KeepingOut, Rules
from store.loading.diagnosis import Diagnosis
from store.loading.event_days import EventDays, by_day
from store.parquet.footer import Lineage
from store.parquet.ordered_part import WAITING_BYTES_MAX, PartWriter
from store.parquet.part_file import Content, Part


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
        diagnoses, rules = {}, self._rules()
        lineage = Lineage(
            sequence=sequence,
            receipts=tuple(batch["sequence"] for batch in group),
            decoders=(f"{self._decoder.name}/{RULES}",),
        )
        with _Parts(self._layout, _dataset_of(group[0]), lineage, on_progress) as parts:
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
        start = _Start(self._bodies.plain(batch))
        tallies, excluded = [], NOTHING
        for piece in self._pieces(batch, start):
            kept, found = rules.sift(piece)
            take(kept)
            tallies.append(piece.tally)
            excluded += found
        return Diagnosis.of(
            tallies,
            shape=start.shape().value,
            decoder=self._decoder.name,
            likely=start.likely(_dataset_of(batch)),
            excluded=excluded,
        )

    def _pieces(self, batch: CatalogRow, chunks: Iterable[bytes]) -> Iterator[Piece]:
        provenance = Provenance(
            batch_id=batch["batch_id"], received_at=timestamps.from_text(batch["received_at"])
        )
        is_small = (batch["inflated_bytes"] or 0) <= PIECE_BYTES
        decoding = Decoding(reader=self._decoder.reader, run=map if is_small else self._run)
        return decode(chunks, _dataset_of(batch), provenance, decoding)


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


class _Start:
    """Passes chunks on and keeps the body's first bytes, which tell its shape."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._start = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if len(self._start) < SHAPE_BYTES:
                self._start += chunk[: SHAPE_BYTES - len(self._start)]
            yield chunk

    def shape(self) -> Shape:
        return shape_of(self._start)

    def likely(self, dataset: Dataset) -> str | None:
        """The dataset that records sent to one without a data file plainly belong to."""
        return likely_dataset(dataset.name, self._start)


class _Parts(contextlib.ExitStack):
    """The parts of some batches: one for each day, and one for rejected lines."""

    def __init__(
        self,
        layout: Layout,
        dataset: Dataset,
        lineage: Lineage,
        on_progress: Callable[[int], None],
    ) -> None:
        super().__init__()
        self._layout = layout
        self._lineage = lineage
        self._dataset = dataset
        self._schema = loaded_schema(dataset)
        self._on_progress = on_progress
        self._rows = 0
        self._writers: dict[tuple[str, str], PartWriter] = {}
        self.push(self._abandon_on_error)

    def add(self, piece: Piece, batch: CatalogRow) -> None:
        for day, table in by_day(self._told(piece.table, batch), EventDays.of(batch)):
            self._writer(self._dataset.name, day, self._schema).add(table)
        if piece.rejected.num_rows:
            received_day = timestamps.from_text(batch["received_at"]).date().isoformat()
            self._writer(REJECTED, received_day, REJECTED_SCHEMA).add(piece.rejected)
        while sum(writer.waiting_bytes for writer in self._writers.values()) > WAITING_BYTES_MAX:
            max(self._writers.values(), key=attrgetter("waiting_bytes")).write_row_group()
        self._rows += piece.table.num_rows
        self._on_progress(self._rows)

    def _told(self, table: pa.Table, batch: CatalogRow) -> pa.Table:
        """The rows with what their batch says of each of them."""
        if SENT_AS not in self._schema.names:
            return table
        sent_as = pa.repeat(pa.scalar(batch["sent_as"], pa.string()), table.num_rows)
        return table.append_column(SENT_AS, sent_as)

    def finish(self, name: str) -> list[Part]:
        return [writer.finish(name) for writer in self._writers.values()]

    def _writer(self, dataset: str, day: str, schema: pa.Schema) -> PartWriter:
        key = (dataset, day)
        if key not in self._writers:
            folder = self._layout.part_folder(dataset, day)
            durable.make_folder(folder.parent)
            durable.make_folder(folder)
            content = Content(dataset=dataset, day=day, schema=schema, lineage=self._lineage)
            self._writers[key] = PartWriter(folder, content)
        return self._writers[key]

    def _abandon_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            for writer in self._writers.values():
                writer.abandon()


def _dataset_of(batch: CatalogRow) -> Dataset:
    dataset = dataset_named(batch["dataset"])
    if dataset is None:
        raise BodyUnreadable(f"{batch['dataset']!r} is not a valid dataset name")
    return dataset
