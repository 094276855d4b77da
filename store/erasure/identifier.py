"""A person's identifier as bytes: how it may stand in what was sent, and how to find it there."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import orjson

# How Go writes these letters in JSON, and Cloudflare's writers with it.
_FOR_HTML = {b"<": rb"\u003c", b">": rb"\u003e", b"&": rb"\u0026"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """The user exactly as logged, and every way that JSON may spell it, the plain one first."""

    user: str
    spellings: tuple[bytes, ...]

    @classmethod
    def of(cls, user: str) -> Self:
        """ValueError for one that is in everything, or in nothing."""
        if not user:
            raise ValueError("an identifier of no letters is in everything")
        strict = orjson.dumps(user)[1:-1]
        for_html = strict
        for letter, escape in _FOR_HTML.items():
            for_html = for_html.replace(letter, escape)
        in_ascii = json.dumps(user)[1:-1].encode()
        # A shorter way to write a slash than JSON asks for is common, too.
        with_slashes = strict.replace(b"/", rb"\/")
        spelt = (user.encode(), strict, in_ascii, for_html, with_slashes)
        return cls(user, tuple(dict.fromkeys(spelt)))

    def is_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether bytes that come in pieces hold it, across their ends as well; they are read no
        further than to the first place.
        """
        overlap, tail = self._overlap, b""
        for piece in pieces:
            window = tail + piece
            if any(spelling in window for spelling in self.spellings):
                return True
            tail = window[-overlap:] if overlap else b""
        return False

    def count(self, pieces: Iterable[bytes]) -> int:
        """How often they hold it."""
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
