r"""A body that is one JSON array of records: each element counts as a line.

Logpush writes one when a job sets `batch_prefix` to `[`. Elements may lie on one line, one on
each, or be printed over many. Damage costs one element, not the array: a newline inside a string,
which JSON forbids, ends its element. What follows the array is read as lines.
"""

import re
from collections.abc import Iterator

from schema.body.lines import (
    JSON_SPACE,
    LINE_BYTES_MAX,
    OVERLONG_BYTES_KEPT,
    Block,
    Line,
    LineCutter,
    line_of,
    whole_lines,
)

# Elements are handed on in blocks of about this size: enough to be worth a call, little to hold.
BLOCK_BYTES = 2**18

_STRING = rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'


def _bracketed(inside: bytes = b"") -> bytes:
    return rb'[\[{](?:[^"\[\]{}]++|' + _STRING + inside + rb")*+[\]}]"


# A record nested up to three deep, as Cloudflare's are, and a look at what ends it: one step of
# the expression where the slow way takes hundreds.
_DEEP = _bracketed(b"|" + _bracketed(b"|" + _bracketed()))
_RECORD = re.compile(rb"[ \t\r\n]*+" + _DEEP + rb"[ \t\r\n]*+(?=[,\]])")
_IN_STRING = re.compile(rb'["\\\n]')
_OUTSIDE = re.compile(rb'["\[\]{},]')


def is_array_of_records(start: bytes) -> bool | None:
    """Told from a body's first two characters that are no space; None: more bytes are needed.

    `[` before anything else than a record is a bad line of an ordinary body.
    """
    begun = start.lstrip(JSON_SPACE)
    if not begun.startswith(b"["):
        return False if begun else None
    inside = begun[1:].lstrip(JSON_SPACE)
    return inside[:1] in {b"{", b"]"} if inside else None


class ArrayCutter:
    """Feed it a body from its `[` on; it yields the elements in blocks, numbered from 1."""

    def __init__(self) -> None:
        self._number = 1
        self._bracket_seen = False
        # The element of which more may come: what its search has not seen or may see again, and
        # what is gone before that where it grew too long.
        self._rest = b""
        self._long = _LongElement()
        self._place = _Place()
        self._was_broken = False
        self._ready: list[bytes] = []
        self._ready_bytes = 0
        self._after: _After | None = None

    def feed(self, chunk: bytes) -> Iterator[Block]:
        if self._after is not None:
            yield from self._after.feed(chunk)
            return
        text, start = self._rest + chunk, 0
        if not self._bracket_seen:
            start = text.index(b"[") + 1
            self._bracket_seen = True
        while (end := self._place.seek_end(text, start, may_skip=not self._long.bytes_taken)) >= 0:
            terminator = text[end : end + 1]
            yield from self._end_element(text[start:end], terminator)
            start = end + 1
            if terminator == b"]":
                self._after = _After(self._number)
                yield from self._after.feed(text[start:])
                return
        self._hold(text[start:])

    def finish(self) -> Iterator[Block]:
        if self._after is not None:
            yield from self._after.finish()
            return
        yield from self._end_element(self._rest, b"")
        yield from self._flush()

    def _hold(self, rest: bytes) -> None:
        if not self._long.bytes_taken:
            rest = self._forget(rest, len(rest) - len(rest.lstrip(JSON_SPACE)))
        if len(rest) > LINE_BYTES_MAX:
            seen = self._place.offset
            self._long.take(rest[:seen])
            rest = self._forget(rest, seen)
        self._rest = rest

    def _forget(self, rest: bytes, length: int) -> bytes:
        self._place.offset -= length
        return rest[length:]

    def _end_element(self, text: bytes, terminator: bytes) -> Iterator[Block]:
        """One element is whole; `terminator` says why: comma, bracket, newline, or the end."""
        content = text.strip(JSON_SPACE)
        if self._long.bytes_taken:
            yield from self._end_long(text)
        elif content or (terminator == b"," and not self._was_broken):
            # Nothing between two commas is a blank line; nothing between the brackets is none.
            yield from self._keep(content)
        self._was_broken = terminator == b"\n"
        if terminator == b"]":
            yield from self._flush()

    def _end_long(self, text: bytes) -> Iterator[Block]:
        start, length = self._long.end(text)
        self._long = _LongElement()
        if length > LINE_BYTES_MAX:
            yield from self._flush()
            yield Line(self._number, start, length)
            self._number += 1
        else:
            yield from self._keep(start)

    def _keep(self, content: bytes) -> Iterator[Block]:
        if b"\n" in content:
            yield from self._flush()
            yield line_of(self._number, content)
            self._number += 1
            return
        self._ready.append(content + b"\n")
        self._ready_bytes += len(content) + 1
        if self._ready_bytes >= BLOCK_BYTES:
            yield from self._flush()

    def _flush(self) -> Iterator[Block]:
        if self._ready:
            yield whole_lines(self._number, b"".join(self._ready))
        self._number += len(self._ready)
        self._ready, self._ready_bytes = [], 0


class _LongElement:
    """What is kept of an element that grows too long to be held.

    Space at its end is no part of it, so it may turn out to fit all the same.
    """

    def __init__(self) -> None:
        self.bytes_taken = 0
        self._start = b""
        self._length = 0

    def take(self, piece: bytes) -> None:
        # The first piece alone is as long as an element may be.
        self._start = self._start or piece[:LINE_BYTES_MAX]
        content = piece.rstrip(JSON_SPACE)
        if content:
            self._length = self.bytes_taken + len(content)
        self.bytes_taken += len(piece)

    def end(self, last: bytes) -> tuple[bytes, int]:
        """The element, or the start of an over-long one, and its whole length."""
        self.take(last)
        fits = self._length <= LINE_BYTES_MAX
        return self._start[: self._length if fits else OVERLONG_BYTES_KEPT], self._length


class _Place:
    """How far into an element the search for its end has come, across chunks."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        # From the element's start; whoever drops its first bytes subtracts them.
        self.offset = 0

    def seek_end(self, text: bytes, start: int, *, may_skip: bool) -> int:
        """Where the element that begins at `start` ends; -1: not in this text."""
        if may_skip and not self.offset and (record := _RECORD.match(text, start)):
            return record.end()
        end = self._walk(text, start)
        if end >= 0:
            self._depth, self._in_string, self.offset = 0, False, 0
        return end

    def _walk(self, text: bytes, start: int) -> int:
        position = start + self.offset
        while mark := (_IN_STRING if self._in_string else _OUTSIDE).search(text, position):
            position = mark.end()
            if self._in_string:
                if mark[0] == b"\n":
                    return mark.start()
                if mark[0] == b'"':
                    self._in_string = False
                elif position == len(text):
                    # What is escaped is yet to come.
                    self.offset = mark.start() - start
                    return -1
                elif text[position : position + 1] != b"\n":
                    position += 1
            elif self._ends(mark[0]):
                return mark.start()
        self.offset = len(text) - start
        return -1

    def _ends(self, mark: bytes) -> bool:
        """Step over one mark outside strings; whether it ends the element."""
        if mark == b'"':
            self._in_string = True
        elif mark in b"[{":
            self._depth += 1
        elif mark == b",":
            return not self._depth
        elif self._depth:
            self._depth -= 1
        else:
            return mark == b"]"
        return False


class _After(LineCutter):
    """Reads what follows the array as lines, but for the blank rest of the bracket's own line."""

    _is_blank_yet = True

    def feed(self, chunk: bytes) -> Iterator[Block]:
        if self._is_blank_yet:
            chunk = chunk.lstrip(b" \t\r")
            self._is_blank_yet = not chunk
            chunk = chunk.removeprefix(b"\n")
        yield from super().feed(chunk)
