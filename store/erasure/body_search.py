"""Searches raw bodies and quarantined bodies for a person's identifier."""

import codecs
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from schema.body.envelope import GZIP_MAGIC, Envelope
from schema.body.limits import EnvelopeLimits
from schema.errors import BodyDamaged, BodyUnreadable
from store.erasure.identifier import Identifier
from store.files import durable
from store.files.durable import READ_BYTES_AT_ONCE

# The search streams, so a body that is too large to be loaded is searched as well.
SEARCHED = EnvelopeLimits(inflated_bytes_max=2**50, members_max=2**50)


class SearchResult(Enum):
    FOUND = "found"
    NOT_FOUND = "not found"
    # Damaged, or no text in any envelope that we can open: the person may be in it.
    UNSEARCHABLE = "unsearchable"


def search(path: Path, identifier: Identifier, *, was_read: bool) -> SearchResult:
    """FileNotFoundError if the body is gone. `was_read`: the loader has read it completely, so
    bytes that are not UTF-8 are no sign of damage.
    """
    try:
        pieces = _plain(path) if was_read else _text(path)
        return SearchResult.FOUND if identifier.is_in(pieces) else SearchResult.NOT_FOUND
    except (BodyDamaged, BodyUnreadable, UnicodeDecodeError):
        return SearchResult.UNSEARCHABLE


def _plain(path: Path) -> Iterator[bytes]:
    envelope = Envelope(SEARCHED)
    with path.open("rb") as file, durable.disk_errors(f"reading {path.name}"):
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
