"""A person's identifier as bytes: every way JSON may spell it, and the search for them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import orjson

# Go escapes these characters in JSON, and so do Cloudflare's log writers.
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
