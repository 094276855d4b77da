"""Every byte that a file holds, packed or not, found without a reader of its format.

It looks for the beginnings of gzip members and zstd frames and unpacks what follows, so it sees
the pages of a Parquet file whether or not a row uses their values. It shares no code with the
product.
"""

import contextlib
import zlib
from collections.abc import Iterator

import pyarrow as pa

GZIP, ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
AT_ONCE = 1 << 16


def contents(stored: bytes) -> Iterator[bytes]:
    """The bytes as they are, then what each packed piece of them holds."""
    yield stored
    for start in _starts(stored, GZIP):
        yield _gzip(stored[start:])
    for start in _starts(stored, ZSTD):
        yield _zstd(stored[start:])


def _starts(stored: bytes, magic: bytes) -> Iterator[int]:
    start = stored.find(magic)
    while start >= 0:
        yield start
        start = stored.find(magic, start + 1)


def _gzip(packed: bytes) -> bytes:
    """Up to its end or its damage."""
    decoder = zlib.decompressobj(wbits=31)
    found = b""
    with contextlib.suppress(zlib.error):
        for place in range(0, len(packed), AT_ONCE):
            found += decoder.decompress(packed[place : place + AT_ONCE])
            if decoder.eof:
                break
    return found


def _zstd(packed: bytes) -> bytes:
    """As many bytes as the frame says it holds; none if it says nothing, or is no frame."""
    size = _content_size(packed)
    with (
        contextlib.suppress(OSError),
        pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream,
    ):
        return bytes(stream.read(size))
    return b""


def _content_size(frame: bytes) -> int:
    """RFC 8878, 3.1.1.1: the descriptor, then window, dictionary and content size, each optional."""
    descriptor = frame[4] if len(frame) > 4 else 0
    is_single = bool(descriptor & 0x20)
    length = (1 if is_single else 0, 2, 4, 8)[descriptor >> 6]
    place = 5 + (not is_single) + (0, 1, 2, 4)[descriptor & 3]
    told = int.from_bytes(frame[place : place + length], "little")
    return told + 256 if length == 2 else told
