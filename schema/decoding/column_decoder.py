"""The Python decoder: converts a few hundred lines at a time, column by column.

It gives exactly the results of the reference (row_decoder.py), about twice as fast. Most records
are canonical: written exactly as our JSON writer would, with members that the dataset knows. Their
values are converted a column at a time. Values that do not fit their column go through coercion.py
one by one, and lines that are not canonical go through the row reader.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from schema.body.lines import Block, Line, lines_of
from schema.columns import arrow_schema, nanoseconds_column
from schema.dataset import Dataset, Field, FieldType
from schema.decoding.canonical_batch import CanonicalBatch, Shape
from schema.decoding.column_conversion import COLUMN_CONVERTERS
from schema.decoding.raw_record import writer_of
from schema.decoding.result import Piece, Provenance
from schema.decoding.row import Rejected, Row, RowReader, record_of
from schema.decoding.row_decoder import PieceBuilder
from schema.fields.coercion import COERCERS
from schema.fields.identity import identify

# Records take ten times more memory as Python objects than as Arrow, so batches are small.
# Measured: larger batches are not faster, and half the size is slower by a tenth.
BATCH_LINES = 256

# And at most this much text, since one byte of text can need 30 bytes of memory.
BATCH_BYTES = 2**20

# A job writes one shape of record, or a few; a hostile body cannot fill the memory with more.
SHAPES_MAX = 32


def read_columns(blocks: Iterable[Block], dataset: Dataset, provenance: Provenance) -> Piece:
    """Decode all lines in `blocks` to one piece."""
    reader = _Reader(dataset, provenance)
    for lines in _batches(blocks):
        reader.read(lines)
    return reader.finish()


def _batches(blocks: Iterable[Block]) -> Iterator[list[Line]]:
    batch: list[Line] = []
    batch_bytes = 0
    for block in blocks:
        for line in lines_of(block):
            batch.append(line)
            batch_bytes += len(line.content)
            if len(batch) == BATCH_LINES or batch_bytes >= BATCH_BYTES:
                yield batch
                batch, batch_bytes = [], 0
    if batch:
        yield batch


class _Reader:
    """Decodes one piece, a batch of lines at a time."""

    def __init__(self, dataset: Dataset, provenance: Provenance) -> None:
        self._dataset = dataset
        self._provenance = provenance
        self._fields = {field.name: field for field in dataset.fields}
        self._schema = arrow_schema(dataset)
        self._row_reader = RowReader(dataset)
        # Counts everything, and holds the rows of lines that are not canonical.
        self._draft = PieceBuilder(dataset, provenance)
        self._shapes: dict[tuple[str, ...], Shape] = {}
        self._chunks: list[_Chunk] = []

    def read(self, lines: Sequence[Line]) -> None:
        batch = CanonicalBatch()
        for line in lines:
            self._take(line, batch)
        self._draft.lines += len(lines)
        if batch.records:
            self._chunks.append(self._chunk(batch))

    def _take(self, line: Line, batch: CanonicalBatch) -> None:
        record = record_of(line)
        if isinstance(record, Rejected):
            if not line.is_blank:
                self._draft.take(record, line)
            return
        write, shape = writer_of(record, line.content), self._shape_of(record)
        if write is None or shape.is_mostly_unknown:
            self._draft.take(self._row_reader.row(record, line.content), line)
            return
        batch.records.append(record)
        batch.writers.append(write)
        batch.shapes.append(shape)
        batch.identities.append(identify(self._dataset.identity, record, line.content))
        batch.line_numbers.append(line.number)

    def _shape_of(self, record: dict[str, Any]) -> Shape:
        names = tuple(record)
        shape = self._shapes.get(names)
        if shape is None:
            shape = Shape(names, tuple(name for name in names if name not in self._fields))
            if len(self._shapes) == SHAPES_MAX:
                self._shapes.clear()
            if not shape.is_mostly_unknown:
                self._shapes[names] = shape
        return shape

    def _chunk(self, batch: CanonicalBatch) -> "_Chunk":
        for shape, records in Counter(batch.shapes).items():
            for name in shape.unknown:
                self._draft.unknown.add(name, records)
        arrays: dict[str, pa.Array] = {}
        for name, values in batch.columns():
            field = self._fields.get(name)
            if field:
                names = column_names(field)
                arrays.update(zip(names, self._columns(field, values, batch), strict=True))
        times = [arrays[name] for name in self._dataset.event_time if name in arrays]
        if times:
            arrays["event_time"] = pc.coalesce(*times)
        arrays["user_id"], arrays["user_source"] = (
            pa.array(texts, pa.string()) for texts in zip(*batch.identities, strict=True)
        )
        arrays["line_number"] = pa.array(batch.line_numbers, pa.int64())
        if extra := batch.extra():
            arrays["extra"] = pa.array(map(extra.get, range(len(batch.records))), pa.string())
        return _Chunk(len(batch.records), arrays)

    def _columns(
        self, field: Field, values: tuple[Any, ...], batch: CanonicalBatch
    ) -> list[pa.Array]:
        columns = COLUMN_CONVERTERS[field.type](values, batch.writers)
        nulls = columns[0].null_count
        if not nulls or nulls == values.count(None):
            return columns
        cells = self._coerce_each(field, values, columns[0], batch)
        return [
            pc.coalesce(
                column,
                pa.array((cells.get(row, {}).get(name) for row in range(len(values))), column.type),
            )
            for name, column in zip(column_names(field), columns, strict=True)
        ]

    def _coerce_each(
        self, field: Field, values: tuple[Any, ...], plain: pa.Array, batch: CanonicalBatch
    ) -> dict[int, dict[str, Any]]:
        """The cells of the values that were not converted at once, by row."""
        cells = {}
        for row, (value, is_plain) in enumerate(
            zip(values, plain.is_valid().to_pylist(), strict=True)
        ):
            if is_plain or value is None:
                continue
            coerced = Row()
            outcome = COERCERS[field.type](value, batch.writers[row](value))
            if not coerced.place(field.name, outcome):
                batch.spare.setdefault(row, set()).add(field.name)
            self._draft.misfits.update(coerced.misfits)
            self._draft.approximations.update(coerced.approximations)
            cells[row] = coerced.cells
        return cells

    def finish(self) -> Piece:
        odd = self._draft.finish()
        plain_rows = sum(chunk.rows for chunk in self._chunks)
        tally = replace(
            odd.tally, rows=odd.tally.rows + plain_rows, blank=odd.tally.blank - plain_rows
        )
        table = self._table(plain_rows)
        if odd.table.num_rows:
            both = pa.concat_tables([table, odd.table])
            table = both.take(pc.sort_indices(both["line_number"]))
        return Piece(table=table, rejected=odd.rejected, tally=tally)

    def _table(self, rows: int) -> pa.Table:
        constant = {
            "batch_id": self._provenance.batch_id,
            "received_at": self._provenance.received_at_utc(),
        }
        columns = []
        for name, arrow_type in zip(self._schema.names, self._schema.types, strict=True):
            if name in constant:
                column = pa.repeat(pa.scalar(constant[name], arrow_type), rows)
            elif any(name in chunk.arrays for chunk in self._chunks):
                column = pa.chunked_array(
                    [chunk.get(name, arrow_type) for chunk in self._chunks], arrow_type
                )
            else:
                column = pa.nulls(rows, arrow_type)
            columns.append(column)
        return pa.table(columns, schema=self._schema)


class _Chunk(NamedTuple):
    """The columns of some rows, without those that hold only NULL."""

    rows: int
    arrays: dict[str, pa.Array]

    def get(self, name: str, arrow_type: pa.DataType) -> pa.Array:
        array = self.arrays.get(name)
        return pa.nulls(self.rows, arrow_type) if array is None else array


def column_names(field: Field) -> list[str]:
    is_time = field.type is FieldType.TIMESTAMP
    return [field.name, nanoseconds_column(field.name)] if is_time else [field.name]
