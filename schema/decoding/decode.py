"""The whole way from inflated bytes to Arrow tables.

Every record is counted once: rows + rejected + blank = lines, always. No input raises. Memory is
bounded by the piece, not by the body. Which decoder reads, and in how many threads, is the
caller's choice and changes nothing in what comes out.
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

# A piece of a usual body is some 14,000 records and 10 MB of Arrow: enough to sort and write at
# once, little enough that a few of them may be under way.
PIECE_BYTES = 32 * 2**20

# The rows of one Parquet row group. Short lines make a piece end here, since a row of nothing
# but NULL costs a hundred times its two bytes.
PIECE_LINES = 122_880

# The blocks of one piece, read once and as they come, so that little is held.
Blocks: TypeAlias = Iterable[Block]

# Reads the blocks of one piece; every decoder is one of these, and all give the same.
Reader: TypeAlias = Callable[[Blocks, Dataset, Provenance], Piece]

# How pieces are read: `map`, or the same in several threads. The order stays.
Run: TypeAlias = Callable[[Callable[[Blocks], Piece], Iterator[Blocks]], Iterable[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How a body is decoded; none of it changes what comes out, but for where pieces end."""

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
    """The pieces of a body in order; none for a body without a line."""

    def read(blocks: Blocks) -> Piece:
        return decoding.reader(blocks, dataset, provenance)

    yield from decoding.run(read, _pieces(chunks, decoding))


def _pieces(chunks: Iterable[bytes], decoding: Decoding) -> Iterator[Blocks]:
    """A body's blocks in pieces. Each must be read to its end before the next is asked for."""
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
