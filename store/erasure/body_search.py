"""Searches raw bodies and quarantined bodies for a person's identifier."""

import codecs
import mmap
import zlib
from collections.abc import Generator, Iterator
from enum import Enum
from pathlib import Path

from schema.body.envelope import GZIP_MAGIC, Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from store.erasure.foreign_text import ForeignText
from store.erasure.identifier import Identifier
from store.files.disk_errors import disk_errors
from store.files.durable import READ_BYTES_AT_ONCE

# The search streams, so a body that is too large to be loaded is searched as well.
SEARCHED = EnvelopeLimits(inflated_bytes_max=2**50, members_max=2**50)

# The magic number and the method of every gzip member.
MEMBER_START = GZIP_MAGIC + b"\x08"
# Of a header without a file's name, which Logpush does not write.
HEADER_BYTES = 10

# zlib's numbers for "gzip header and trailer" and "neither", with the largest window.
GZIP_WINDOW = 31
RAW_WINDOW = -15

# An error costs what was given at once, so it is little: 64 KiB inflated at worst.
SALVAGED_BYTES_AT_ONCE = 64

# Three bytes may look like a start by chance; a body of Logpush has one member, or a few.
MEMBERS_MAX = 10_000


class SearchResult(Enum):
    FOUND = "found"
    NOT_FOUND = "not found"
    # Damaged, or no text in UTF-8 in an envelope that we can open: not found in what can be read.
    UNSEARCHABLE = "unsearchable"


def search(path: Path, identifier: Identifier, *, was_read: bool) -> SearchResult:
    """FileNotFoundError if the body is gone. `was_read`: the loader has read it completely, so
    bytes that are not UTF-8 are no sign of damage.
    """
    try:
        foreign = ForeignText()
        if identifier.is_in(foreign.watched(_plain(path) if was_read else _text(path))):
            return SearchResult.FOUND
        return SearchResult.UNSEARCHABLE if foreign.is_found else SearchResult.NOT_FOUND
    except (BodyDamaged, BodyUnreadable, UnicodeDecodeError):
        is_found = identifier.is_in(_salvaged(path))
        return SearchResult.FOUND if is_found else SearchResult.UNSEARCHABLE


def has_whole_name(path: Path, identifier: Identifier) -> bool:
    """Whether a body that has the name has it whole, and not only as a part of another name."""
    try:
        return identifier.is_whole_in(_plain(path))
    except (BodyDamaged, BodyUnreadable):
        return identifier.is_whole_in(_salvaged(path))


def _salvaged(path: Path) -> Iterator[bytes]:
    """What can be read of a body, damaged or not: its bytes, and what its gzip members inflate to.

    Each member is read to its end or to its damage; one behind the damage is found by its start.
    """
    with path.open("rb") as file, disk_errors(f"reading {path.name}"):
        if not path.stat().st_size:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as stored:
            for place in range(0, len(stored), READ_BYTES_AT_ONCE):
                yield stored[place : place + READ_BYTES_AT_ONCE]
            # The damage may have hit the header of the first member; it has this length then.
            yield from _inflated(stored, HEADER_BYTES, RAW_WINDOW)
            start = stored.find(MEMBER_START)
            for _ in range(MEMBERS_MAX):
                if start < 0:
                    return
                end = yield from _inflated(stored, start, GZIP_WINDOW)
                start = stored.find(MEMBER_START, max(end, start + 1))


def _inflated(stored: mmap.mmap, start: int, window: int) -> Generator[bytes, None, int]:
    """One member up to its end or its damage. Returns where it ends; 0 if it is damaged."""
    decoder = zlib.decompressobj(wbits=window)
    yield b"\n"  # So that no name is joined of what comes before and of this.
    for place in range(start, len(stored), SALVAGED_BYTES_AT_ONCE):
        try:
            yield decoder.decompress(stored[place : place + SALVAGED_BYTES_AT_ONCE])
        except zlib.error:
            return 0
        if decoder.eof:
            return place + SALVAGED_BYTES_AT_ONCE - len(decoder.unused_data)
    return 0


def _plain(path: Path) -> Iterator[bytes]:
    envelope = Envelope(SEARCHED)
    with path.open("rb") as file, disk_errors(f"reading {path.name}"):
        while piece := file.read(READ_BYTES_AT_ONCE):
            yield from envelope.feed(piece)
    yield from envelope.finish()


def _text(path: Path) -> Iterator[bytes]:
    """The same, but without gzip it must be UTF-8: damage may have hit the gzip magic."""
    with path.open("rb") as file:
        is_gzip = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in _plain(path):
        if not is_gzip:
            decoder.decode(piece)
        yield piece
    if not is_gzip:
        decoder.decode(b"", final=True)
