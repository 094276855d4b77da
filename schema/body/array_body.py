r"""Splits a body that is one JSON array of records: each element counts as a line.

Logpush writes such bodies when a job sets `batch_prefix` to `[`. Elements may share a line or span
several. Damage affects one element, not the array: a newline inside a string, which JSON forbids,
ends its element. Behind an array another one may follow, as in a body of several gzip members, each
an array; anything else that follows is read as lines.
"""

import re
from collections.abc import Iterator

from schema.body.lines import (
    JSON_SPACE,
    LINE_BYTES_MAX,
    Block,
    Line,
    LineCutter,
    line_of,
    whole_lines,
)
from schema.body.long_element import LongElement

# A body, or what follows an array, that begins with more space than this is read as lines.
LEADING_SPACE_BYTES_MAX = 2**16

# Elements are passed on in blocks of about this size: few calls, little memory.
BLOCK_BYTES = 2**18

_STRING = rb'"[^"\\\n]*+(?:\\[^\n][^"\\\n]*+)*+"'


def _bracketed(inside: bytes = b"") -> bytes:
    return rb'[\[{](?:[^"\[\]{}]++|' + _STRING + inside + rb")*+[\]}]"


# Matches a record nested up to three levels, as Cloudflare's are, up to the mark that ends it: one
# match instead of hundreds of steps of the general search.
_DEEP = _bracketed(b"|" + _bracketed(b"|" + _bracketed()))
_RECORD = re.compile(rb"[ \t\r\n]*+" + _DEEP + rb"[ \t\r\n]*+(?=[,\]])")
_SPACE = re.compile(rb"[ \t\r\n]*+")
_IN_STRING = re.compile(rb'["\\\n]')
_OUTSIDE = re.compile(rb'["\[\]{},]')


def is_array_of_records(text: bytes, start: int = 0) -> bool | None:
    """Decided by the first two characters that are not space; None if more bytes are needed.

    `[` before anything but a record is a bad line of an ordinary body.
    """
    end = start + LEADING_SPACE_BYTES_MAX
    bracket = _after_space(text, start)
    if bracket < min(len(text), end) and text[bracket : bracket + 1] == b"[":
        inside = _after_space(text, bracket + 1)
        if inside < min(len(text), end):
            return text[inside : inside + 1] in {b"{", b"]"}
        return None if inside < end else False
    return None if len(text) <= bracket < end else False


def _after_space(text: bytes, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


class ArrayCutter:
    """Takes a body in chunks from its `[` on; yields the elements in blocks, numbered from 1."""

    def __init__(self) -> None:
        self._number = 1
        self._is_inside = False
        # The unfinished element: the bytes that the search still needs, and what is kept of the
        # bytes before them if it is too long. Between two arrays: the space behind the first.
        self._rest = b""
        self._long = LongElement()
        self._search = _ElementSearch()
        self._was_broken = False
        self._ready: list[bytes] = []
        self._ready_bytes = 0
        self._after: _LinesAfter | None = None

    def feed(self, chunk: bytes) -> Iterator[Block]:
        if self._after is not None:
            yield from self._after.feed(chunk)
            return
        text, start = self._rest + chunk, 0
        while True:
            if not self._is_inside:
                is_array = is_array_of_records(text, start)
                if is_array is None:
                    self._rest = text[start:]
                    return
                if not is_array:
                    yield from self._begin_lines(text[start:])
                    return
                start = text.index(b"[", start) + 1
                self._is_inside = True
            end = self._search.seek_end(text, start, may_skip=not self._long.bytes_taken)
            if end < 0:
                self._hold(text[start:])
                return
            terminator = text[end : end + 1]
            yield from self._end_element(text[start:end], terminator)
            self._is_inside = terminator != b"]"
            start = end + 1

    def finish(self) -> Iterator[Block]:
        if self._after is None and not self._is_inside:
            yield from self._begin_lines(self._rest)
        if self._after is not None:
            yield from self._after.finish()
            return
        yield from self._end_element(self._rest, b"")
        yield from self._flush()

    def _begin_lines(self, text: bytes) -> Iterator[Block]:
        yield from self._flush()
        self._after = _LinesAfter(self._number)
        yield from self._after.feed(text)

    def _hold(self, rest: bytes) -> None:
        if not self._long.bytes_taken:
            rest = self._forget(rest, len(rest) - len(rest.lstrip(JSON_SPACE)))
        if len(rest) > LINE_BYTES_MAX:
            seen = self._search.offset
            self._long.take(rest[:seen])
            rest = self._forget(rest, seen)
        self._rest = rest

    def _forget(self, rest: bytes, length: int) -> bytes:
        self._search.offset -= length
        return rest[length:]

    def _end_element(self, text: bytes, terminator: bytes) -> Iterator[Block]:
        """One element is complete; `terminator` is the comma, bracket or newline that ended it."""
        content = text.strip(JSON_SPACE)
        if self._long.bytes_taken:
            yield from self._end_long(text)
        elif content or (terminator == b"," and not self._was_broken):
            # An empty element between two commas counts as a blank line; empty brackets do not.
            yield from self._keep(content)
        self._was_broken = terminator == b"\n"

    def _end_long(self, text: bytes) -> Iterator[Block]:
        start, length = self._long.end(text)
        self._long = LongElement()
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


class _ElementSearch:
    """The state of the search for an element's end, across chunks."""

    def __init__(self) -> None:
        self._depth = 0
        self._in_string = False
        # Counted from the element's start; reduced when its first bytes are dropped.
        self.offset = 0

    def seek_end(self, text: bytes, start: int, *, may_skip: bool) -> int:
        """The end of the element that begins at `start`; -1 if it is not in this text."""
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
                    # The escaped character is in the next chunk.
                    self.offset = mark.start() - start
                    return -1
                elif text[position : position + 1] != b"\n":
                    position += 1
            elif self._ends(mark[0]):
                return mark.start()
        self.offset = len(text) - start
        return -1

    def _ends(self, mark: bytes) -> bool:
        """Process one mark outside strings; returns whether it ends the element."""
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


class _LinesAfter(LineCutter):
    """Reads what follows the array as lines, without the blank rest of the closing bracket's line."""

    _is_blank_yet = True

    def feed(self, chunk: bytes) -> Iterator[Block]:
        if self._is_blank_yet:
            chunk = chunk.lstrip(b" \t\r")
            self._is_blank_yet = not chunk
            chunk = chunk.removeprefix(b"\n")
        yield from super().feed(chunk)
