"""Every way to read a piece. Each decoder test runs over all of them, and they must agree."""

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa

from schema.column_decoder import read_columns
from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset
from schema.decode import Decoding, Reader, decode
from schema.piece import Piece, Provenance
from schema.row_decoder import read_rows

NO_LIMITS = Decoding()

REFERENCE: Reader = read_rows
OTHERS: dict[str, Reader] = {"read_columns": read_columns}


def decode_by_all(
    chunks: Iterable[bytes],
    dataset: Dataset,
    provenance: Provenance,
    limits: Decoding = NO_LIMITS,
) -> list[Piece]:
    """What every reader makes of a body; an assertion fails where one differs."""
    body = list(chunks)
    expected = list(decode(body, dataset, provenance, replace(limits, reader=REFERENCE)))
    for piece in expected:
        assert_sound(piece, dataset)
    for name, reader in OTHERS.items():
        found = list(decode(body, dataset, provenance, replace(limits, reader=reader)))
        assert len(found) == len(expected), name
        for theirs, piece in zip(found, expected, strict=True):
            assert_same_piece(theirs, piece, name)
    return expected


def assert_sound(piece: Piece, dataset: Dataset) -> None:
    assert plain(piece.table).schema == arrow_schema(dataset)
    assert piece.rejected.schema == REJECTED_SCHEMA
    piece.table.validate(full=True)
    piece.rejected.validate(full=True)
    tally = piece.tally
    assert tally.rows == piece.table.num_rows
    assert tally.rejected == piece.rejected.num_rows
    assert tally.lines == tally.rows + tally.rejected + tally.blank


def assert_same_piece(found: Piece, expected: Piece, reader: str = "") -> None:
    """The same but for how the text columns are encoded."""
    found.table.validate(full=True)
    found.rejected.validate(full=True)
    for left, right in (
        (plain(found.table), plain(expected.table)),
        (found.rejected, expected.rejected),
    ):
        assert left.schema == right.schema, reader
        for name in right.schema.names:
            same = left[name].combine_chunks().equals(right[name].combine_chunks())
            assert same, f"{reader}: {name}\n{left[name].to_pylist()}\n{right[name].to_pylist()}"
    assert found.tally == expected.tally, reader


def plain(table: pa.Table) -> pa.Table:
    """The same table with text columns as text."""
    schema = pa.schema(
        field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
        for field in table.schema
    )
    return table.cast(schema)
