"""A person's identifier as bytes: every way JSON may spell it, and the search for them."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import orjson

# Go escapes these characters in JSON, and so do Cloudflare's log writers.
# What may stand in a name: with it before or after, the text is a part of another name. A dot ends a
# sentence, unless the name goes on after it.
_OF_NAMES = rb"[\w@+\x80-\xff-]"
_BEFORE = rb"(?<!" + _OF_NAMES + rb")(?<!" + _OF_NAMES + rb"\.)"
_AFTER = rb"(?!" + _OF_NAMES + rb"|\." + _OF_NAMES + rb")"
# So many bytes on each side decide.
_EDGE = 2

_FOR_HTML = {b"<": rb"\u003c", b">": rb"\u003e", b"&": rb"\u0026"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """The user exactly as logged, and every way that JSON may spell it, the plain one first."""

    user: str
    spellings: tuple[bytes, ...]

    @classmethod
    def of(cls, user: str) -> Self:
        """ValueError for an empty user, which every text contains."""
        if not user:
            raise ValueError("the identifier is empty")
        strict = orjson.dumps(user)[1:-1]
        for_html = strict
        for character, escape in _FOR_HTML.items():
            for_html = for_html.replace(character, escape)
        in_ascii = json.dumps(user)[1:-1].encode()
        # Some writers escape slashes, which JSON allows.
        with_slashes = strict.replace(b"/", rb"\/")
        spelt = (user.encode(), strict, in_ascii, for_html, with_slashes)
        return cls(user, tuple(dict.fromkeys(spelt)))

    def is_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether a stream of bytes contains it, also across pieces; reads only to the first hit."""
        overlap, tail = self._overlap, b""
        for piece in pieces:
            window = tail + piece
            if any(spelling in window for spelling in self.spellings):
                return True
            tail = window[-overlap:] if overlap else b""
        return False

    def is_whole_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether a stream of bytes contains it as a whole name: `ann` is not in `anna@x.example`."""
        spelt = b"|".join(re.escape(spelling) for spelling in self.spellings)
        pattern = re.compile(_BEFORE + rb"(?:" + spelt + rb")" + _AFTER)
        overlap, window, first = self._overlap + 1 + 2 * _EDGE, b"", 0
        for piece in pieces:
            window += piece
            # The last bytes of the window do not tell yet whether a name ends there.
            sure = len(window) - _EDGE
            if any(
                first <= found.start() and found.end() <= sure for found in pattern.finditer(window)
            ):
                return True
            if len(window) > overlap:
                window, first = window[-overlap:], _EDGE
        return any(first <= found.start() for found in pattern.finditer(window))

    def count(self, pieces: Iterable[bytes]) -> int:
        """How often a stream of bytes contains it."""
        overlap, tail, found = self._overlap, b"", 0
        for piece in pieces:
            window = tail + piece
            found += self._in(window) - self._in(tail)
            tail = window[-overlap:] if overlap else b""
        return found

    def is_in_text(self, text: str) -> bool:
        return self.is_in([text.encode(errors="surrogatepass")])

    @property
    def _overlap(self) -> int:
        return max(map(len, self.spellings)) - 1

    def _in(self, window: bytes) -> int:
        return sum(window.count(spelling) for spelling in self.spellings)
