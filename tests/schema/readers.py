"""Every way to read a piece. Each decoder test runs over all of them, and they must agree."""

from collections.abc import Iterable
from dataclasses import replace

from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset
from schema.decoding.decode import Decoding, decode
from schema.decoding.decoder import readers
from schema.decoding.result import Piece, Provenance
from schema.decoding.row_decoder import read_rows
from tests.schema.pieces import difference

NO_LIMITS = Decoding()

# All but the reference itself.
OTHERS = {name: reader for name, reader in readers().items() if reader is not read_rows}


def decode_by_all(
    chunks: Iterable[bytes],
    dataset: Dataset,
    provenance: Provenance,
    limits: Decoding = NO_LIMITS,
) -> list[Piece]:
    """What every reader makes of a body; an assertion fails where one differs."""
    body = list(chunks)
    expected = list(decode(body, dataset, provenance, replace(limits, reader=read_rows)))
    schema = arrow_schema(dataset)
    for piece in expected:
        assert piece.table.schema == schema
        assert_sound(piece)
    for name, reader in OTHERS.items():
        found = list(decode(body, dataset, provenance, replace(limits, reader=reader)))
        assert len(found) == len(expected), name
        for theirs, piece in zip(found, expected, strict=True):
            assert_sound(theirs)
            assert_same_piece(theirs, piece, name)
    return expected


def assert_sound(piece: Piece) -> None:
    assert piece.rejected.schema == REJECTED_SCHEMA
    piece.table.validate(full=True)
    piece.rejected.validate(full=True)
    tally = piece.tally
    assert tally.rows == piece.table.num_rows
    assert tally.rejected == piece.rejected.num_rows
    assert tally.lines == tally.rows + tally.rejected + tally.blank


def assert_same_piece(found: Piece, expected: Piece, reader: str = "") -> None:
    """The same but for how the text columns are encoded, and for the order of the rows."""
    differs = difference(found, expected)
    assert not differs, f"{reader}: {differs}"
