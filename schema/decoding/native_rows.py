"""The rows of a group of batches of one dataset, decoded in Rust into one block.

A text that many records share is in the block once, however many batches they came in. Lines that
Rust is not sure of are decoded by the reference, and their rows join the block.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa

from native import _native
from schema.body.array_body import ArrayCutter
from schema.body.lines import Block, Line, Lines
from schema.body.record_blocks import begun
from schema.dataset import Dataset
from schema.decoding.native_decoder import native_tally, plan_of
from schema.decoding.result import Provenance, Tally
from schema.decoding.row import RowReader
from schema.decoding.row_decoder import PieceBuilder

# The reference decodes lines in pieces of this size: as Python objects they take ten times as much.
REFERRED_BYTES_MAX = 2**20

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)  # noqa: DTZ001 (as columns have it)


class NativeRows:
    """`native` has the rows. Whoever writes them says when: `read` calls `on_rows` now and then."""

    def __init__(self, dataset: Dataset) -> None:
        self.native = _native.Group(plan_of(dataset))
        self.dataset = dataset
        self._reader = RowReader(dataset)

    def read(
        self,
        chunks: Iterable[bytes],
        provenance: Provenance,
        sent_as: str | None,
        on_rows: Callable[[], None],
        on_rejected: Callable[[pa.Table], None],
    ) -> list[Tally]:
        """Decode a body to rows of a new batch; the tallies add up to its lines.

        `on_rows` may write all rows that there are, and clear them.
        """
        received_at = (provenance.received_at_utc() - _EPOCH) // _MICROSECOND
        self.native.begin_batch(provenance.batch_id, received_at, sent_as)
        odd = _OddLines(self.dataset, self._reader, provenance, on_rejected)
        for is_last in self._steps(chunks):
            if is_last or self.native.referred_bytes >= REFERRED_BYTES_MAX:
                odd.settle(self.native)
            on_rows()
        report = self.native.report()
        first = min([odd.foreign_sample, report.foreign_sample], key=_place)[1]
        return [replace(native_tally(report), foreign_sample=first), *odd.tallies]

    def _steps(self, chunks: Iterable[bytes]) -> Iterable[bool]:
        """Read the body bit by bit; yields whether it has ended."""
        is_array, content = begun(chunks)
        if is_array:
            cutter = ArrayCutter()
            for chunk in content:
                self._take(cutter.feed(chunk))
                yield False
            self._take(cutter.finish())
        else:
            for chunk in content:
                self.native.feed(chunk)
                yield False
            self.native.end_lines()
        yield True

    def _take(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            if isinstance(block, Lines):
                self.native.take_lines(block.first_number, block.buffer, block.start, block.end)
            elif block.is_overlong:
                self.native.take_overlong(*block)
            else:
                self.native.take_record(block.number, block.content)


class _OddLines:
    """The lines of a batch that the reference decodes."""

    def __init__(
        self,
        dataset: Dataset,
        reader: RowReader,
        provenance: Provenance,
        on_rejected: Callable[[pa.Table], None],
    ) -> None:
        self._dataset = dataset
        self._reader = reader
        self._provenance = provenance
        self._on_rejected = on_rejected
        self.tallies: list[Tally] = []
        # Number and content of the first foreign line.
        self.foreign_sample = (0, b"")

    def settle(self, native: _native.Group) -> None:
        """Decode the lines that wait; their rows join those of the block."""
        lines = [Line(*line) for line in native.take_referred()]
        if not lines:
            return
        builder = PieceBuilder(self._dataset, self._provenance)
        for line in lines:
            builder.lines += 1
            builder.take(self._reader.read(line), line)
        piece = builder.finish()
        for batch in piece.table.to_batches():
            native.take_rows(batch)
        if piece.rejected.num_rows:
            self._on_rejected(piece.rejected)
        self.foreign_sample = min(self.foreign_sample, builder.foreign_sample, key=_place)
        self.tallies.append(replace(piece.tally, foreign_sample=b""))


def _place(sample: tuple[int, bytes]) -> tuple[bool, int]:
    """Where a sample is in its body; no sample is behind all others."""
    return not sample[1], sample[0]
