"""Decodes inflated bytes to Arrow tables, one piece of the body at a time.

Every record is counted once: rows + rejected + blank = lines. No input raises an error. Memory is
limited by the size of a piece, not of the body. The caller chooses the decoder and the number of
threads; the result is the same.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from schema.body.lines import Block, Lines
from schema.body.record_blocks import record_blocks
from schema.dataset import Dataset
from schema.decoding.column_decoder import read_columns
from schema.decoding.result import Piece, Provenance

# Typically 14,000 records and 10 MB of Arrow: enough to sort and write at once, and small enough
# to hold a few pieces at a time.
PIECE_BYTES = 32 * 2**20

# The rows of one Parquet row group. Also limits pieces of very short lines: a row of NULLs takes a
# hundred times the two bytes of its line.
PIECE_LINES = 122_880

# The blocks of one piece, an iterator that is read once, so that little is held.
Blocks: TypeAlias = Iterable[Block]

# Decodes the blocks of one piece. Every decoder is such a function; all give the same result.
Reader: TypeAlias = Callable[[Blocks, Dataset, Provenance], Piece]

# How pieces are decoded: `map`, or the same in several threads. The order is kept.
Run: TypeAlias = Callable[[Callable[[Blocks], Piece], Iterator[Blocks]], Iterable[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """Options of decoding. Only the sizes change the result: where pieces end."""

    reader: Reader = read_columns
    run: Run = map
    piece_bytes: int = PIECE_BYTES
    piece_lines: int = PIECE_LINES


def decode(
    chunks: Iterable[bytes],
    dataset: Dataset,
    provenance: Provenance,
    decoding: Decoding = Decoding(),
) -> Iterator[Piece]:
    """The pieces of a body in order; no piece for a body without lines."""

    def read(blocks: Blocks) -> Piece:
        return decoding.reader(blocks, dataset, provenance)

    yield from decoding.run(read, _pieces(chunks, decoding))


def _pieces(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[Blocks]:
    """The blocks of a body, grouped in pieces. Read each piece to its end before the next."""
    blocks = record_blocks(chunks)
    for first in blocks:
        yield _until_full(first, blocks, decoding)


def _until_full(first: Block, others: Iterator[Block], decoding: Decoding) -> Iterator[Block]:
    held_bytes = held_lines = 0
    for block in chain([first], others):
        yield block
        held_bytes += block.end - block.start if isinstance(block, Lines) else len(block.content)
        held_lines += block.line_count if isinstance(block, Lines) else 1
        if held_bytes >= decoding.piece_bytes or held_lines >= decoding.piece_lines:
            return
