"""The whole way from inflated bytes to Arrow tables; the reference any faster decoder must equal.

Every line is counted once: rows + rejected + blank = lines, always. No input raises. Only values
that fit their columns reach Arrow, which would otherwise cut some silently and fail the whole
batch for others. Memory is bounded by the piece, not by the body.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset
from schema.lines import Line, split_lines
from schema.row import Rejected, Row, RowReader

# Some 15 MB of Arrow: enough to write at once, little enough to hold.
PIECE_ROWS = 8192

# A row is ten times larger as Python objects than as Arrow, so no more than this many wait.
BATCH_ROWS = 256

# Rows can be a thousand times longer than usual; then the piece ends by its bytes.
PIECE_LINE_BYTES = 16 * 2**20

# A sender may make up a new name in every line; past this many they are only counted.
UNKNOWN_NAMES_MAX = 100

# A made-up name may be as long as a line; past this it is cut, and counted under what is left.
UNKNOWN_NAME_CHARS_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """`received_at` is UTC, with or without saying so."""

    batch_id: str
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the lines of one piece, and which fields gave trouble how often.

    `duplicates` counts members overruled by a later one of the same name, `unknown_unnamed` the
    unknown members whose names did not fit into `unknown`. `foreign` counts the rows that look
    like another dataset's (see Row), and `foreign_sample` is the first such line.
    """

    lines: int
    blank: int
    rows: int
    rejected: int
    misfits: Mapping[str, int]
    approximations: Mapping[str, int]
    unknown: Mapping[str, int]
    unknown_unnamed: int
    duplicates: int
    foreign: int
    foreign_sample: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`table` has exactly arrow_schema(dataset), `rejected` exactly REJECTED_SCHEMA."""

    table: pa.Table
    rejected: pa.Table
    tally: Tally


def decode(
    chunks: Iterable[bytes],
    dataset: Dataset,
    provenance: Provenance,
    *,
    piece_rows: int = PIECE_ROWS,
) -> Iterator[Piece]:
    """The pieces of a body in order; none for a body without a line."""
    reader = RowReader(dataset)
    schema = arrow_schema(dataset)
    draft = _Draft(dataset.name, schema, provenance)
    for line in split_lines(chunks):
        draft.lines += 1
        if line.is_blank:
            continue
        draft.take(reader.read(line), line)
        if draft.kept >= piece_rows or draft.kept_bytes >= PIECE_LINE_BYTES:
            yield draft.finish()
            draft = _Draft(dataset.name, schema, provenance)
    if draft.lines:
        yield draft.finish()


class _Draft:
    """A piece being filled."""

    def __init__(self, dataset_name: str, schema: pa.Schema, provenance: Provenance) -> None:
        self.lines = 0
        self.kept_bytes = 0
        self._dataset_name = dataset_name
        self._provenance = {
            "batch_id": provenance.batch_id,
            "received_at": _utc(provenance.received_at),
        }
        self._rows = _Table(schema)
        self._rejected = _Table(REJECTED_SCHEMA)
        self._misfits: Counter[str] = Counter()
        self._approximations: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        self._unknown_unnamed = 0
        self._duplicates = 0
        self._foreign = 0
        self._foreign_sample = b""

    @property
    def kept(self) -> int:
        return self._rows.rows + self._rejected.rows

    def take(self, outcome: Row | Rejected, line: Line) -> None:
        self.kept_bytes += len(line.content)
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
            self._foreign_sample = self._foreign_sample or line.content
        for name in row.misfits:
            self._misfits[name] += 1
        for name in row.approximations:
            self._approximations[name] += 1
        for name in row.unknown:
            self._count_unknown(name[:UNKNOWN_NAME_CHARS_MAX])

    def _count_unknown(self, name: str) -> None:
        if name in self._unknown or len(self._unknown) < UNKNOWN_NAMES_MAX:
            self._unknown[name] += 1
        else:
            self._unknown_unnamed += 1

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
            blank=self.lines - self.kept,
            rows=self._rows.rows,
            rejected=self._rejected.rows,
            misfits=dict(self._misfits),
            approximations=dict(self._approximations),
            unknown=dict(self._unknown),
            unknown_unnamed=self._unknown_unnamed,
            duplicates=self._duplicates,
            foreign=self._foreign,
            foreign_sample=self._foreign_sample,
        )
        return Piece(table=self._rows.finish(), rejected=self._rejected.finish(), tally=tally)


class _Table:
    """Rows turned into Arrow as they come, a batch at a time."""

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
        self._flush()
        return pa.Table.from_batches(self._batches, schema=self._schema)

    def _flush(self) -> None:
        arrays = [
            pa.array([cells.get(name) for cells in self._waiting], type=arrow_type)
            for name, arrow_type in zip(self._schema.names, self._schema.types, strict=True)
        ]
        self._batches.append(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting.clear()


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
