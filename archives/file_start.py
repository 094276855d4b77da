"""What a file is, by its first bytes: records, gzip of them, gzip in gzip, or something else.

Names do not tell: storage unpacks gzip on download and keeps the name, log rotation appends a
number, and Firehose gives no suffix at all.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from schema.body.envelope import GZIP_MAGIC, Envelope
from schema.body.limits import EnvelopeLimits
from schema.body.lines import BOM
from schema.errors import BodyDamaged, BodyUnreadable

# The part of a file that is looked at, as stored. Records have 1 to 10 kB, compressed a tenth.
LOOK_BYTES = 64 * 1024
# One line that begins like a record is enough: others may be damaged.
LINES_LOOKED_AT = 16
# Nobody packs a file more often on purpose.
GZIP_LAYERS_MAX = 3

_UNLIMITED = EnvelopeLimits(inflated_bytes_max=2**63, members_max=2**63)

# An object, or an array of objects; also one that is printed over several lines.
_RECORD_BEGINS = re.compile(rb'[ \t\r]*(?:\[[ \t\r]*)?(?:\{[ \t\r]*(?:["}]|\Z)|\[[ \t\r]*\Z)')


@dataclass(frozen=True, slots=True)
class FileStart:
    """`gzip_layers` is 0 for a plain file. `is_readable` is False for gzip that cannot be read."""

    gzip_layers: int
    has_records: bool
    is_readable: bool = True

    @property
    def what(self) -> str:
        """For a person, what the file is if it holds no records."""
        if not self.is_readable:
            return "damaged gzip"
        return "gzip of something that is no JSON" if self.gzip_layers else "no JSON and no gzip"


def look_at(start: bytes) -> FileStart:
    """`start` is the start of a file as stored; bytes past LOOK_BYTES are ignored."""
    text, layers = start[:LOOK_BYTES], 0
    while text.startswith(GZIP_MAGIC):
        if layers == GZIP_LAYERS_MAX:
            return FileStart(layers, has_records=False)
        text, layers = _inflated(text), layers + 1
        if not text:
            return FileStart(layers, has_records=False, is_readable=False)
    lines = text.removeprefix(BOM).split(b"\n", LINES_LOOKED_AT)[:LINES_LOOKED_AT]
    return FileStart(layers, has_records=any(_RECORD_BEGINS.match(line) for line in lines))


def unpacked(pieces: Iterable[bytes], layers: int) -> Iterator[bytes]:
    """The bytes of a file after as many layers of gzip are taken off."""
    found = iter(pieces)
    for _ in range(layers):
        found = _inflating(found)
    return found


def _inflated(start: bytes) -> bytes:
    """The plain bytes of the start of a gzip file, as far as they can be read."""
    envelope, found = Envelope(_UNLIMITED), b""
    try:
        for plain in envelope.feed(start):
            found += plain
            if len(found) >= LOOK_BYTES:
                break
    except (BodyDamaged, BodyUnreadable):
        pass
    return found


def _inflating(pieces: Iterator[bytes]) -> Iterator[bytes]:
    envelope = Envelope(_UNLIMITED)
    for piece in pieces:
        yield from envelope.feed(piece)
    yield from envelope.finish()
