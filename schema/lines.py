r"""Inflated bytes in, lines out. Where the chunks were cut does not matter.

A line ends at `\n` and nowhere else: Cloudflare's values hold U+2028, U+0085 and other characters
that `splitlines` would cut at. Time is linear and memory bounded: of a line that is too long only
the start is kept and the rest counted, however much of it comes.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

# A tiny text can parse into much memory (30 bytes for one, in the worst case), so the limit is
# checked before parsing. The longest record Cloudflare reports having seen is 172 kB.
LINE_BYTES_MAX = 2**20

# Enough of an over-long line to see whose it is; a quarantine of whole ones could fill a disk.
OVERLONG_BYTES_KEPT = 2**10

BOM = b"\xef\xbb\xbf"
JSON_SPACE = b" \t\r\n"


class Line(NamedTuple):
    """Line `number` of a body, from 1. An over-long one holds only its start; see `length`."""

    number: int
    content: bytes
    length: int

    @property
    def is_overlong(self) -> bool:
        return self.length > LINE_BYTES_MAX

    @property
    def is_blank(self) -> bool:
        return not self.is_overlong and not self.content.strip(JSON_SPACE)


def split_lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """Every line of a body, blank ones too; the last needs no newline. A carriage return stays."""
    number = 1
    unfinished = _Unfinished()
    for chunk in _without_bom(chunks):
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            unfinished.add(chunk[start:end])
            yield unfinished.finish(number)
            number += 1
            start = end + 1
        unfinished.add(chunk[start:])
    if unfinished.length:
        yield unfinished.finish(number)


class _Unfinished:
    """A line of which more may come: kept up to the limit, counted past it."""

    def __init__(self) -> None:
        self.length = 0
        self._start = bytearray()

    def add(self, piece: bytes) -> None:
        self.length += len(piece)
        self._start += piece[: LINE_BYTES_MAX - len(self._start)]

    def finish(self, number: int) -> Line:
        kept = self.length if self.length <= LINE_BYTES_MAX else OVERLONG_BYTES_KEPT
        line = Line(number, bytes(self._start[:kept]), self.length)
        self.length = 0
        self._start.clear()
        return line


def _without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Strip one byte order mark from the start of the body, even if a chunk ends inside it."""
    remaining = iter(chunks)
    start = b""
    for chunk in remaining:
        start += chunk
        if len(start) >= len(BOM):
            break
    yield start.removeprefix(BOM)
    yield from remaining
