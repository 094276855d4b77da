"""Tells text that cannot be searched: UTF-16, UTF-32, or bytes that were compressed once more.

A name is also searched for in UTF-16, but not with JSON's escapes in it. So if it was not found in
such text, it may be there all the same, and a person must be told.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

# Byte order marks, then the first bytes of gzip, Zstandard, xz, bzip2, zip, LZ4 and zlib.
_STARTS = (
    rb"\xff\xfe|\xfe\xff|\x1f\x8b|\x28\xb5\x2f\xfd|\xfd7zXZ\x00|BZh[1-9]1AY&SY|PK\x03\x04"
    rb"|\x04\x22\x4d\x18|x[\x01\x9c\xda]"
)
# The longest of them.
_START_BYTES = 10
# Four letters of UTF-16 in a row, or two of UTF-32, as no text in UTF-8 has them.
_WIDE = rb"(?:[\x01-\xff]\x00){4}|(?:\x00[\x01-\xff]){4}|\x00{3}[\x01-\xff]\x00{3}"
_WIDE_BYTES = 8

# For a whole text, such as a line.
FOREIGN = rb"\A(?:" + _STARTS + rb")|" + _WIDE

_IS_FOREIGN = re.compile(FOREIGN)
_IS_WIDE = re.compile(_WIDE)


@dataclass(slots=True)
class ForeignText:
    """Whether a stream that passes through `watched` is, or has, text that cannot be searched."""

    is_found: bool = False

    def watched(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        tail, pattern = b"", _IS_FOREIGN
        for piece in pieces:
            window = tail + piece
            self.is_found = self.is_found or bool(pattern.search(window))
            # The first bytes decide; a shorter start is looked at again with what follows it.
            tail = window
            if len(window) >= _START_BYTES:
                pattern, tail = _IS_WIDE, window[-_WIDE_BYTES + 1 :]
            yield piece
