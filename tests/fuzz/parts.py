"""Compares parts that were written in both ways: by Rust from a block, and by Arrow from the reference."""

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from native import _native
from schema.columns import loaded_schema
from schema.dataset import Dataset
from schema.decoding.decode import Decoding, decode
from schema.decoding.native_rows import NativeRows
from schema.decoding.result import Provenance
from schema.decoding.row_decoder import read_rows
from schema.unknown_dataset import UNKNOWN
from store.loading.diagnosis import Diagnosis
from store.parquet.drafts.native_part import columns_of
from store.parquet.options import LEVEL
from store.parquet.part_file import ROW_GROUP_ROWS
from store.parquet.row_order import SORT_COLUMNS, ordered
from store.parquet.stored_columns import as_stored
from tests.schema.pieces import bits

RECEIVED_AT = datetime(2026, 11, 22)  # noqa: DTZ001 (UTC without a zone, as in the store)


def provenance(number: int) -> Provenance:
    return Provenance(batch_id=f"batch-{number}", received_at=RECEIVED_AT + timedelta(hours=number))


def chunked(body: bytes, seed: int) -> Iterator[bytes]:
    """The body cut anywhere."""
    draw = random.Random(seed)
    at = 0
    while at < len(body):
        end = at + draw.choice((1, 7, 100, 5_000, 100_000))
        yield body[at:end]
        at = end


def part_difference(
    bodies: Sequence[bytes], dataset: Dataset, seed: int = 0, rows_max: int = ROW_GROUP_ROWS
) -> str | None:
    """What differs first, in words; None when nothing does."""
    rows, rejected, diagnoses = NativeRows(dataset), list[pa.Table](), []
    for number, body in enumerate(bodies):
        chunks = chunked(body, seed + number)
        tallies = rows.read(chunks, provenance(number), dataset.name, lambda: None, rejected.append)
        diagnoses.append(Diagnosis.of(tallies, shape="", decoder=""))
    expected, expected_rejected, expected_diagnoses = by_reference(bodies, dataset)
    if diagnoses != expected_diagnoses:
        return f"diagnosis: {diagnoses} and {expected_diagnoses}"
    found_rejected = [line for table in rejected for line in table.to_pylist()]
    if found_rejected != expected_rejected:
        return f"rejected: {found_rejected} and {expected_rejected}"
    if not rows.native.rows:
        return None if not expected.num_rows else f"no rows instead of {expected.num_rows}"
    return table_difference(written(rows, dataset, rows_max), expected)


def written(rows: NativeRows, dataset: Dataset, rows_max: int = ROW_GROUP_ROWS) -> pa.Table:
    """The rows of a part that Rust wrote, as Arrow reads them with the checksums compared."""
    columns, _ = columns_of(dataset)
    rows.native.sort()
    writer = _native.PartWriter(list(columns), list(SORT_COLUMNS), LEVEL)
    content = writer.write(rows.native, None, rows_max, 0)[0]
    content += writer.finish([])
    return pq.ParquetFile(pa.BufferReader(content), page_checksum_verification=True).read()


def by_reference(
    bodies: Iterable[bytes], dataset: Dataset
) -> tuple[pa.Table, list[dict[str, Any]], list[Diagnosis]]:
    """The rows, the rejected lines, and what is told of each body."""
    tables, rejected, diagnoses = [], list[dict[str, Any]](), []
    for number, body in enumerate(bodies):
        pieces = list(decode([body], dataset, provenance(number), Decoding(reader=read_rows)))
        tallies = [piece.tally for piece in pieces]
        diagnoses.append(Diagnosis.of(tallies, shape="", decoder=""))
        for piece in pieces:
            table = piece.table
            if dataset.name == UNKNOWN:
                sent_as = pa.repeat(pa.scalar(dataset.name, pa.string()), table.num_rows)
                table = table.append_column("sent_as", sent_as)
            tables.append(table)
            rejected.extend(piece.rejected.to_pylist())
    schema = as_stored(loaded_schema(dataset), dataset.name)
    found = ordered(tables).cast(schema) if tables else schema.empty_table()
    return found, rejected, diagnoses


def table_difference(found: pa.Table, expected: pa.Table) -> str | None:
    if not found.schema.equals(expected.schema, check_metadata=True):
        return f"schema: {found.schema} and {expected.schema}"
    for name in expected.schema.names:
        ours, theirs = bits(found[name]), bits(expected[name])
        if not ours.equals(theirs):
            pairs = zip(ours.to_pylist(), theirs.to_pylist(), strict=True)
            row, (here, there) = next(
                (row, pair) for row, pair in enumerate(pairs) if pair[0] != pair[1]
            )
            return f"column {name}, row {row}: {here!r} and {there!r}"
    return None
