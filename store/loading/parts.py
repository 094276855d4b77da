"""The parts of some batches while their rows are written."""

import contextlib
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path

import pyarrow as pa

from schema.columns import REJECTED_SCHEMA, SENT_AS, loaded_schema
from schema.dataset import Dataset
from schema.decoding.result import Piece
from store import timestamps
from store.catalog.counts import CatalogRow
from store.files import durable
from store.files.layout import REJECTED, Layout
from store.loading.event_days import EventDays, by_day
from store.parquet.footer import Lineage
from store.parquet.ordered_part import WAITING_BYTES_MAX, PartWriter
from store.parquet.part_file import Content, Part


class Parts(contextlib.ExitStack):
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
            self._limit_waiting()
        if piece.rejected.num_rows:
            self.add_rejected(piece.rejected, batch)
        self._rows += piece.table.num_rows
        self._on_progress(self._rows)

    def add_rejected(self, rejected: pa.Table, batch: CatalogRow) -> None:
        received_day = timestamps.from_text(batch["received_at"]).date().isoformat()
        self._writer(REJECTED, received_day, REJECTED_SCHEMA).add(rejected)
        self._limit_waiting()

    def _limit_waiting(self) -> None:
        while sum(writer.waiting_bytes for writer in self._writers.values()) > WAITING_BYTES_MAX:
            max(self._writers.values(), key=attrgetter("waiting_bytes")).write_row_group()

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
            content = Content(dataset=dataset, day=day, schema=schema, lineage=self._lineage)
            self._writers[key] = PartWriter(self._folder(dataset, day), content)
        return self._writers[key]

    def _folder(self, dataset: str, day: str) -> Path:
        folder = self._layout.part_folder(dataset, day)
        durable.make_folder(folder.parent)
        durable.make_folder(folder)
        return folder

    def _abandon_on_error(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self._abandon()

    def _abandon(self) -> None:
        for writer in self._writers.values():
            writer.abandon()
