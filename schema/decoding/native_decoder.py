"""The native decoder: the reference's rules in Rust, many times faster, with the GIL released.

Rust decodes the common lines. It passes the rare ones (invalid JSON, escaped or repeated names, a
user named by a number or a list, ...) to the reference, so that rare rules exist only once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

import pyarrow as pa

from native import _native
from schema.body.lines import LINE_BYTES_MAX, OVERLONG_BYTES_KEPT, Block, Line, Lines
from schema.columns import arrow_schema
from schema.dataset import Dataset
from schema.decoding.result import Piece, Provenance, Tally, UnknownNames
from schema.decoding.row import RowReader
from schema.decoding.row_decoder import PieceBuilder

# The datasets of any store, many times over.
PLANS_MAX = 1_000

# Text columns with repeated values are dictionaries.
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


def read_natively(blocks: Iterable[Block], dataset: Dataset, provenance: Provenance) -> Piece:
    """Decode all lines in `blocks` to one piece."""
    batch, report, unsure = _read(blocks, dataset)
    draft = PieceBuilder(dataset, provenance)
    reader = RowReader(dataset)
    for line in unsure:
        draft.lines += 1
        draft.take(reader.read(line), line)
    referred = draft.finish()
    table = _table(batch, dataset, provenance)
    if referred.table.num_rows:
        table = pa.concat_tables([table, _encoded_like(table, referred.table)])
    tally = _tally(report, referred.tally, draft)
    return Piece(table=table, rejected=referred.rejected, tally=tally)


def _read(
    blocks: Iterable[Block], dataset: Dataset
) -> tuple[pa.RecordBatch, _native.Report, list[Line]]:
    """The rows that the native decoder read, and the lines that it passes to the reference, in order."""
    native = _native.Block(plan_of(dataset))
    unsure = []
    for block in blocks:
        if isinstance(block, Lines):
            native.take_lines(block.first_number, block.buffer, block.start, block.end)
        elif block.is_overlong:
            unsure.append(block)
        else:
            native.take_record(block.number, block.content)
    batch, report, referred = native.finish()
    unsure += (Line(*line) for line in referred)
    return batch, report, sorted(unsure)


@lru_cache(PLANS_MAX)
def plan_of(dataset: Dataset) -> _native.Plan:
    """What the native decoder must know of a dataset."""
    return _native.Plan(
        fields=[(field.name, field.type.value) for field in dataset.fields],
        event_time=list(dataset.event_time),
        identity=[(rule.source, rule.field, rule.key) for rule in dataset.identity],
        guesses_time=dataset.guesses_time,
        lookups=list(dataset.lookups),
        line_limits=(LINE_BYTES_MAX, OVERLONG_BYTES_KEPT),
    )


def _table(batch: pa.RecordBatch, dataset: Dataset, provenance: Provenance) -> pa.Table:
    """The batch with its provenance, and with NULL in columns without a value."""
    rows = batch.num_rows
    found = dict(zip(batch.schema.names, batch.columns, strict=True))
    same_value = pa.repeat(pa.scalar(0, pa.int32()), rows)
    found["batch_id"] = pa.DictionaryArray.from_arrays(same_value, [provenance.batch_id])
    received_at = pa.scalar(provenance.received_at_utc(), pa.timestamp("us"))
    found["received_at"] = pa.repeat(received_at, rows)
    schema = arrow_schema(dataset)
    nulls = {kind: pa.nulls(rows, kind) for kind in set(schema.types)}
    arrays = [found[field.name] if field.name in found else nulls[field.type] for field in schema]
    return pa.Table.from_arrays(arrays, names=schema.names)


def _encoded_like(table: pa.Table, rows: pa.Table) -> pa.Table:
    """`rows` with dictionaries where `table` has them."""
    columns = [
        column.dictionary_encode() if field.type == _DICTIONARY else column
        for field, column in zip(table.schema, rows.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, names=rows.schema.names)


def _tally(report: _native.Report, referred: Tally, draft: PieceBuilder) -> Tally:
    own, unknown = native_tally(report), draft.unknown
    for name, times in report.unknown:
        unknown.add(name, times)
    foreign_samples = [met for met in (report.foreign_sample, draft.foreign_sample) if met[1]]
    return Tally(
        lines=own.lines + referred.lines,
        blank=own.blank,
        rows=own.rows + referred.rows,
        rejected=referred.rejected,
        misfits=_sum(own.misfits, referred.misfits),
        approximations=_sum(own.approximations, referred.approximations),
        unknown=unknown.named,
        unknown_unnamed=unknown.unnamed,
        duplicates=referred.duplicates,
        foreign=own.foreign + referred.foreign,
        foreign_sample=min(foreign_samples, default=(0, b""))[1],
    )


def native_tally(report: _native.Report) -> Tally:
    """Counts of the lines that became rows in Rust."""
    # Both decoders count the referred lines.
    lines = report.lines - report.referred
    unknown = UnknownNames()
    for name, times in report.unknown:
        unknown.add(name, times)
    return Tally(
        lines=lines,
        blank=report.blank,
        rows=lines - report.blank,
        rejected=0,
        misfits=dict(report.misfits),
        approximations=dict(report.approximations),
        unknown=unknown.named,
        unknown_unnamed=unknown.unnamed,
        duplicates=0,
        foreign=report.foreign,
        foreign_sample=report.foreign_sample[1],
    )


def _sum(own: Mapping[str, int], referred: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(own) + Counter(referred))
