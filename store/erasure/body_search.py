"""Looks for a person in bodies as they were sent: raw files and those in quarantine."""

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

# Looking costs no memory, so a body too large to be read is looked through all the same.
SEARCHED = EnvelopeLimits(inflated_bytes_max=2**50, members_max=2**50)


class Verdict(Enum):
    HOLDS = "holds"
    IS_FREE = "is free"
    # It ends in damage, or is no text in any envelope we can open: it may hold anybody.
    UNSEARCHABLE = "unsearchable"


def search(path: Path, identifier: Identifier, *, was_read: bool) -> Verdict:
    """FileNotFoundError when it is gone. `was_read` is true of bodies that became rows: the loader
    found them whole, so that odd bytes in one are no damage.
    """
    try:
        pieces = _plain(path) if was_read else _text(path)
        return Verdict.HOLDS if identifier.is_in(pieces) else Verdict.IS_FREE
    except (BodyDamaged, BodyUnreadable, UnicodeDecodeError):
        return Verdict.UNSEARCHABLE


def _plain(path: Path) -> Iterator[bytes]:
    envelope = Envelope(SEARCHED)
    with path.open("rb") as file, durable.disk_errors(f"reading {path.name}"):
        while piece := file.read(READ_BYTES_AT_ONCE):
            yield from envelope.feed(piece)
    yield from envelope.finish()


def _text(path: Path) -> Iterator[bytes]:
    """The same, where what is no gzip must be text: damage may have hit its first bytes."""
    with path.open("rb") as file:
        is_gzip = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
    decoder = codecs.getincrementaldecoder("utf-8")()
    for piece in _plain(path):
        if not is_gzip:
            decoder.decode(piece)
        yield piece
    if not is_gzip:
        decoder.decode(b"", final=True)
