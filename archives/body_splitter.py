"""Splits a file that is too large for one body into several, at line ends.

The splits depend only on the bytes of the file. So a file that is imported again gives the same
bodies, which are recognised as duplicates.
"""

import zlib
from collections.abc import Iterable, Iterator

from schema.body.envelope import Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyUnreadable

# The size that a loader loads at once. Below a lower limit, the rest is room for the last line.
BODY_BYTES = 64 * 1024 * 1024
SHARE_OF_LIMIT = 2

# No sender waits here and the file is never in memory as a whole, so its size needs no limit.
_UNLIMITED = EnvelopeLimits(inflated_bytes_max=2**63, members_max=2**63)

# Raw bodies are kept for weeks; the fastest level makes them only slightly larger than the best.
_LEVEL = 1
_GZIP_WINDOW = 31


def body_bytes(limit: int) -> int:
    """The size of split bodies where `limit` is the largest that the store accepts."""
    return min(BODY_BYTES, limit // SHARE_OF_LIMIT)


def bodies(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The gzip bodies of a file, each of whole lines and about `size` bytes uncompressed.

    Raises BodyDamaged for a damaged file, after the bodies before the damage. Raises
    BodyUnreadable for a line that is longer than a body.
    """
    body = _Body()
    for plain in _inflated(chunks):
        start = 0
        while start < len(plain):
            # The first line end at or after `size`.
            place = plain.find(b"\n", start + max(size - body.plain_bytes - 1, 0))
            end = place + 1 or len(plain)
            body.feed(plain[start:end])
            start = end
            if place >= 0:
                yield body.finished()
                body = _Body()
            elif body.plain_bytes > size * SHARE_OF_LIMIT:
                raise BodyUnreadable(f"no line ends within {body.plain_bytes} bytes")
    if body.plain_bytes:
        yield body.finished()


def pieces(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The uncompressed bytes of a file in pieces of whole lines, each about `size` bytes."""
    held = list[bytes]()
    held_bytes = 0
    for plain in _inflated(chunks):
        held.append(plain)
        held_bytes += len(plain)
        end = plain.rfind(b"\n") + 1
        if held_bytes >= size and end:
            yield b"".join((*held[:-1], plain[:end]))
            held = [plain[end:]]
            held_bytes = len(plain) - end
    if rest := b"".join(held):
        yield rest


def packed(plain: bytes) -> bytes:
    """These lines as one gzip body."""
    body = _Body()
    body.feed(plain)
    return body.finished()


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    envelope = Envelope(_UNLIMITED)
    for chunk in chunks:
        yield from envelope.feed(chunk)
    yield from envelope.finish()


class _Body:
    def __init__(self) -> None:
        self._packer = zlib.compressobj(_LEVEL, wbits=_GZIP_WINDOW)
        self._packed: list[bytes] = []
        self.plain_bytes = 0

    def feed(self, plain: bytes) -> None:
        self._packed.append(self._packer.compress(plain))
        self.plain_bytes += len(plain)

    def finished(self) -> bytes:
        return b"".join((*self._packed, self._packer.flush()))
