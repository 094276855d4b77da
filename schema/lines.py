r"""Inflated bytes in, lines out. Where the chunks were cut does not matter.

A line ends at `\n` and nowhere else: Cloudflare's values hold U+2028, U+0085 and other characters
that `splitlines` would cut at. Time is linear and memory bounded: of a line that is too long only
the start is kept and the rest counted, however much of it comes.

A body that is one JSON array has no lines; there each element counts as one, see array_body.py.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

# A tiny text can parse into much memory (30 bytes for one, in the worst case), so the limit is
# checked before parsing. The longest record Cloudflare reports having seen is 172 kB.
LINE_BYTES_MAX = 2**20

# Enough of an over-long line to see whose it is; a quarantine of whole ones could fill a disk.
OVERLONG_BYTES_KEPT = 2**10

# Lines are handed on in blocks of about this size: enough to be worth a call, little to hold.
BLOCK_BYTES = 2**22
# And of about so many lines, since two bytes can be one.
BLOCK_LINES = 2**16

BOM = b"\xef\xbb\xbf"
JSON_SPACE = b" \t\r\n"


class Line(NamedTuple):
    """Record `number` of a body, from 1. An over-long one holds only its start; see `length`."""

    number: int
    content: bytes
    length: int

    @property
    def is_overlong(self) -> bool:
        return self.length > LINE_BYTES_MAX

    @property
    def is_blank(self) -> bool:
        return not self.is_overlong and not self.content.strip(JSON_SPACE)


class Lines(NamedTuple):
    """Whole lines in the sender's bytes, blank ones too; only a body's last may lack its newline."""

    first_number: int
    content: bytes

    def line_count(self) -> int:
        return self.content.count(b"\n") + (not self.content.endswith(b"\n"))

    def each(self) -> Iterator[Line]:
        lines = self.content.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, content in enumerate(lines, self.first_number):
            yield line_of(number, content)


Block: TypeAlias = Lines | Line


def line_of(number: int, content: bytes) -> Line:
    """A line of which all bytes are at hand, cut where it is too long."""
    length = len(content)
    return Line(
        number, content if length <= LINE_BYTES_MAX else content[:OVERLONG_BYTES_KEPT], length
    )


def lines_of(block: Block) -> Iterator[Line]:
    return block.each() if isinstance(block, Lines) else iter((block,))


class LineCutter:
    """Feed it a body from the start of a line on; it yields whole lines in blocks."""

    def __init__(self, first_number: int = 1) -> None:
        self._number = first_number
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._held_lines = 0
        # The line of which more may come: its bytes so far are the last of those held,
        # unless it is over-long already.
        self._unfinished_bytes = 0
        self._overlong_start: bytes | None = None

    def feed(self, chunk: bytes) -> Iterator[Block]:
        if self._overlong_start is not None:
            end = chunk.find(b"\n")
            if end < 0:
                self._unfinished_bytes += len(chunk)
                return
            self._unfinished_bytes += end
            yield self._overlong()
            chunk = chunk[end + 1 :]
        lines = chunk.count(b"\n")
        self._held.append(chunk)
        self._held_bytes += len(chunk)
        self._held_lines += lines
        rest = len(chunk) - chunk.rfind(b"\n") - 1
        self._unfinished_bytes = rest if lines else self._unfinished_bytes + len(chunk)
        if self._unfinished_bytes > LINE_BYTES_MAX:
            yield from self._flush()
            self._overlong_start = b"".join(self._held)[:OVERLONG_BYTES_KEPT]
            self._held, self._held_bytes = [], 0
        elif self._held_bytes >= BLOCK_BYTES or self._held_lines >= BLOCK_LINES:
            yield from self._flush()

    def finish(self) -> Iterator[Block]:
        if self._overlong_start is not None:
            yield self._overlong()
        elif self._held_bytes:
            yield Lines(self._number, b"".join(self._held))

    def _overlong(self) -> Line:
        line = Line(self._number, self._overlong_start or b"", self._unfinished_bytes)
        self._number += 1
        self._overlong_start, self._unfinished_bytes = None, 0
        return line

    def _flush(self) -> Iterator[Block]:
        """Hand on the whole lines; the unfinished one stays."""
        held = b"".join(self._held)
        end = len(held) - self._unfinished_bytes
        if end:
            yield Lines(self._number, held[:end])
        self._number += self._held_lines
        self._held, self._held_bytes, self._held_lines = [held[end:]], len(held) - end, 0


def without_bom(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Strip one byte order mark from the start of the body, even if a chunk ends inside it."""
    remaining = iter(chunks)
    start = b""
    for chunk in remaining:
        start += chunk
        if len(start) >= len(BOM):
            break
    yield start.removeprefix(BOM)
    yield from remaining
