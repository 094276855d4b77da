"""Inflates a body as a stream: gzip in, plain bytes out.

gzip is recognised by its first two bytes, not by an HTTP header; other bodies pass unchanged.
zlib ignores a missing trailer and stops after the first member. Both would lose log lines, so
here a missing trailer is an error and further members are read.
"""

from collections.abc import Iterator
from typing import Any, cast

from isal import isal_zlib

from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable

GZIP_MAGIC = b"\x1f\x8b"
_InflateError = cast("type[Exception]", isal_zlib.error)
_GZIP_WINDOW = 31  # zlib's number for "gzip header and trailer, largest window"

# Flags of the optional parts of a member's header, in its fourth byte.
_HEADER_BYTES_MIN = 10
_HAS_CHECKSUM, _HAS_EXTRA, _HAS_NAME, _HAS_COMMENT = 0x02, 0x04, 0x08, 0x10

# Headers hold at most a file's name in practice; a header is buffered until it is whole.
HEADER_BYTES_MAX = 128 * 1024

# The most that is yielded at once, so that a decompression bomb costs no memory.
PLAIN_BYTES_AT_ONCE = 256 * 1024

# For each such chunk the decoder copies the input that it has not read yet.
GIVEN_BYTES_AT_ONCE = 128 * 1024


class Envelope:
    """Takes a body in chunks of any size, yields the plain bytes and checks that the body is whole."""

    def __init__(self, limits: EnvelopeLimits, *, claims_gzip: bool = False) -> None:
        self._limits = limits
        self._claims_gzip = claims_gzip
        self._start = b""
        self._opened: _Gzip | None = None
        self._is_plain = False
        self.plain_bytes = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._opened is None and not self._is_plain:
            self._start += piece
            if len(self._start) < len(GZIP_MAGIC):
                return
            piece, self._start = self._start, b""
            self._choose(piece)
        for plain in self._unfold(piece):
            self.plain_bytes += len(plain)
            if self.plain_bytes > self._limits.inflated_bytes_max:
                raise BodyUnreadable(
                    f"inflates to more than {self._limits.inflated_bytes_max} bytes"
                )
            yield plain

    def finish(self) -> Iterator[bytes]:
        """The last bytes of a very short body. Raises BodyDamaged if something is missing."""
        if self._opened is not None:
            self._opened.finish()
        elif not self._is_plain:
            if self._start == GZIP_MAGIC[:1]:
                raise BodyDamaged("gzip: ends before its trailer")
            self._choose(self._start)
            self.plain_bytes += len(self._start)
            if self._start:
                yield self._start

    def _choose(self, start: bytes) -> None:
        if start.startswith(GZIP_MAGIC):
            self._opened = _Gzip(self._limits.members_max)
        elif self._claims_gzip:
            raise BodyDamaged("declared as gzip, but does not begin with gzip's magic number")
        else:
            self._is_plain = True

    def _unfold(self, piece: bytes) -> Iterator[bytes]:
        if self._opened is None:
            yield piece
        else:
            yield from self._opened.feed(piece)


class _Gzip:
    """Inflates all members of a gzip stream; other bytes after a member are damage."""

    def __init__(self, members_max: int) -> None:
        self._members_max = members_max
        self._members = 0
        # The decoder of the current member, once its header is whole; None between members.
        self._decoder: Any = None
        self._start = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        for start in range(0, len(piece), GIVEN_BYTES_AT_ONCE):
            yield from self._feed(piece[start : start + GIVEN_BYTES_AT_ONCE])

    def _feed(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if self._decoder is None:
                piece = self._begin_member(piece)
                if not piece:
                    return
            try:
                plain = self._decoder.decompress(piece, PLAIN_BYTES_AT_ONCE)
            except _InflateError as error:
                raise BodyDamaged(f"gzip: {error}") from error
            piece = self._decoder.unused_data or self._decoder.unconsumed_tail
            if self._decoder.eof:
                self._decoder = None
            if plain:
                yield plain

    def finish(self) -> None:
        if self._start and not self._start.startswith(GZIP_MAGIC):
            raise BodyDamaged("gzip: bytes after its end")
        if self._start or self._decoder is not None:
            raise BodyDamaged("gzip: ends before its trailer")

    def _begin_member(self, piece: bytes) -> bytes:
        """Begin the next member once its header is whole.

        The decoder misreads a header that arrives in several pieces if it has both a name and a
        comment, or a checksum.
        """
        start, self._start = self._start + piece, b""
        if len(start) < len(GZIP_MAGIC):
            self._start = start
            return b""
        if not start.startswith(GZIP_MAGIC):
            raise BodyDamaged("gzip: bytes after its end")
        if not _holds_header(start):
            if len(start) > HEADER_BYTES_MAX:
                raise BodyUnreadable(f"a gzip header over {HEADER_BYTES_MAX} bytes")
            self._start = start
            return b""
        self._members += 1
        if self._members > self._members_max:
            raise BodyUnreadable(f"more than {self._members_max} gzip members")
        self._decoder = isal_zlib.decompressobj(wbits=_GZIP_WINDOW)
        return start


def _holds_header(start: bytes) -> bool:
    """Whether the whole header of a member has arrived (RFC 1952, 2.3)."""
    if len(start) < _HEADER_BYTES_MIN:
        return False
    flags, end = start[3], _HEADER_BYTES_MIN
    if flags & _HAS_EXTRA:
        end += 2 + int.from_bytes(start[end : end + 2], "little")
    for text in (_HAS_NAME, _HAS_COMMENT):
        if flags & text:
            nul = start.find(b"\0", end)
            if nul < 0:
                return False
            end = nul + 1
    if flags & _HAS_CHECKSUM:
        end += 2
    return len(start) >= end
