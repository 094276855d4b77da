r"""Splits inflated bytes into lines, wherever the chunks end.

Only `\n` ends a line: Cloudflare's values hold U+2028, U+0085 and other characters at which
`splitlines` would split. Time is linear and memory limited: of a line that is too long, only the
start is kept and the rest is counted.

In a body that is one JSON array, each element counts as a line, see array_body.py.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from schema.body.newlines import count_newlines

# Parsing needs up to 30 bytes of memory for each byte of text, so the limit is checked before it. The longest record Cloudflare reports having seen is 172 kB.
LINE_BYTES_MAX = 2**20

# Enough of a line that is too long to see what it is; keeping whole ones could fill the disk.
OVERLONG_BYTES_KEPT = 2**10

BOM = b"\xef\xbb\xbf"
JSON_SPACE = b" \t\r\n"


class Line(NamedTuple):
    """Record `number` of a body, from 1. `content` is only the start of one that is too long."""

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
    """Whole lines, also blank ones, as they were sent: `buffer[start:end]`.

    They are not copied, since copying takes as long as reading. Only the last line of a body may
    lack its newline.
    """

    first_number: int
    line_count: int
    buffer: bytes
    start: int
    end: int

    @property
    def content(self) -> bytes:
        return self.buffer[self.start : self.end]

    def each(self) -> Iterator[Line]:
        lines = self.content.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for number, content in enumerate(lines, self.first_number):
            yield line_of(number, content)


Block: TypeAlias = Lines | Line


def line_of(number: int, content: bytes) -> Line:
    """A line from its whole content, shortened if it is too long."""
    length = len(content)
    return Line(
        number, content if length <= LINE_BYTES_MAX else content[:OVERLONG_BYTES_KEPT], length
    )


def lines_of(block: Block) -> Iterator[Line]:
    return block.each() if isinstance(block, Lines) else iter((block,))


def whole_lines(first_number: int, content: bytes) -> Lines:
    """All of `content` as lines."""
    count = count_newlines(content, 0, len(content)) + (not content.endswith(b"\n"))
    return Lines(first_number, count, content, 0, len(content))


class LineCutter:
    """Takes a body in chunks from the start of a line on; yields the whole lines of each chunk."""

    def __init__(self, first_number: int = 1) -> None:
        self._number = first_number
        # The pieces of the unfinished line; only the start of one that is too long.
        self._unfinished: list[bytes] = []
        self._unfinished_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[Block]:
        start = 0
        if self._unfinished_bytes:
            start = chunk.find(b"\n") + 1
            self._hold(chunk[: start or len(chunk)])
            if not start:
                return
            yield self._finished(self._unfinished_bytes - 1)
        end = chunk.rfind(b"\n") + 1
        if end > start:
            count = count_newlines(chunk, start, end)
            yield Lines(self._number, count, chunk, start, end)
            self._number += count
            start = end
        self._hold(chunk[start:])

    def finish(self) -> Iterator[Block]:
        if self._unfinished_bytes:
            yield self._finished(self._unfinished_bytes)

    def _hold(self, piece: bytes) -> None:
        if self._unfinished_bytes <= LINE_BYTES_MAX:
            self._unfinished.append(piece)
        self._unfinished_bytes += len(piece)

    def _finished(self, length: int) -> Block:
        """The unfinished line, whose length without the newline is `length` bytes."""
        held = b"".join(self._unfinished)
        number = self._number
        self._number += 1
        self._unfinished, self._unfinished_bytes = [], 0
        if length > LINE_BYTES_MAX:
            return Line(number, held[:OVERLONG_BYTES_KEPT], length)
        return Lines(number, 1, held, 0, len(held))


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
