"""The reference decoder: reads one line at a time and then converts the rows to Arrow.

Only values that fit their columns reach Arrow, which would truncate some other values silently
and fail the whole piece for others.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from schema.body.lines import Block, Line, lines_of
from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset
from schema.decoding.result import Piece, Provenance, Tally, UnknownNames
from schema.decoding.row import Rejected, Row, RowReader

# A row takes ten times more memory as Python objects than as Arrow, so batches are small.
BATCH_ROWS = 256


def read_rows(blocks: Iterable[Block], dataset: Dataset, provenance: Provenance) -> Piece:
    """Decode all lines in `blocks` to one piece."""
    reader = RowReader(dataset)
    draft = PieceBuilder(dataset, provenance)
    for block in blocks:
        for line in lines_of(block):
            draft.lines += 1
            if not line.is_blank:
                draft.take(reader.read(line), line)
    return draft.finish()


class PieceBuilder:
    """Builds a piece, a line at a time."""

    def __init__(self, dataset: Dataset, provenance: Provenance) -> None:
        self.lines = 0
        self.misfits: Counter[str] = Counter()
        self.approximations: Counter[str] = Counter()
        self._dataset_name = dataset.name
        self._provenance = {
            "batch_id": provenance.batch_id,
            "received_at": provenance.received_at_utc(),
        }
        self._rows = _Table(arrow_schema(dataset))
        self._rejected = _Table(REJECTED_SCHEMA)
        self.unknown = UnknownNames()
        self._duplicates = 0
        self._foreign = 0
        # Number and content of the first such line.
        self.foreign_sample = (0, b"")

    def take(self, outcome: Row | Rejected, line: Line) -> None:
        if isinstance(outcome, Rejected):
            self._reject(outcome, line)
        else:
            self._accept(outcome, line)

    def _accept(self, row: Row, line: Line) -> None:
        row.cells["line_number"] = line.number
        row.cells.update(self._provenance)
        self._rows.append(row.cells)
        self._duplicates += row.duplicates
        if row.is_foreign:
            self._foreign += 1
            if self._foreign == 1:
                self.foreign_sample = (line.number, line.content)
        self.misfits.update(row.misfits)
        self.approximations.update(row.approximations)
        for name in row.unknown:
            self.unknown.add(name)

    def _reject(self, rejected: Rejected, line: Line) -> None:
        self._rejected.append(
            {
                "dataset": self._dataset_name,
                "line_number": line.number,
                "reason": rejected.reason,
                "line": line.content,
                "line_bytes": line.length,
                **self._provenance,
            }
        )

    def finish(self) -> Piece:
        tally = Tally(
            lines=self.lines,
            blank=self.lines - self._rows.rows - self._rejected.rows,
            rows=self._rows.rows,
            rejected=self._rejected.rows,
            misfits=dict(self.misfits),
            approximations=dict(self.approximations),
            unknown=self.unknown.named,
            unknown_unnamed=self.unknown.unnamed,
            duplicates=self._duplicates,
            foreign=self._foreign,
            foreign_sample=self.foreign_sample[1],
        )
        return Piece(table=self._rows.finish(), rejected=self._rejected.finish(), tally=tally)


class _Table:
    """Converts rows to Arrow, a batch at a time."""

    def __init__(self, schema: pa.Schema) -> None:
        self.rows = 0
        self._schema = schema
        self._batches: list[pa.RecordBatch] = []
        self._waiting: list[dict[str, Any]] = []

    def append(self, cells: dict[str, Any]) -> None:
        self.rows += 1
        self._waiting.append(cells)
        if len(self._waiting) == BATCH_ROWS:
            self._flush()

    def finish(self) -> pa.Table:
        if self._waiting:
            self._flush()
        return pa.Table.from_batches(self._batches, schema=self._schema)

    def _flush(self) -> None:
        # Most columns of a wide dataset have no value in a batch.
        held = set[str]().union(*self._waiting)
        arrays = [
            pa.array([cells.get(name) for cells in self._waiting], type=arrow_type)
            if name in held
            else pa.nulls(len(self._waiting), arrow_type)
            for name, arrow_type in zip(self._schema.names, self._schema.types, strict=True)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting.clear()
