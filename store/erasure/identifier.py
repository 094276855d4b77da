"""A person's identifier as bytes, and the search for it in text that may be JSON.

A stream is searched as it is, and once more with JSON's escapes undone (json_text.py): a body may
escape any character of a name, and a broken line may have a backslash that escapes nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import orjson

from store import names
from store.erasure.json_text import ANY_ESCAPE, Unescaper, escape_patterns, escapes_of

# What may stand in a name: with it before or after, the text is a part of another name. A dot ends a
# sentence, unless the name goes on after it.
_OF_NAMES = rb"[\w@+\x80-\xff-]"
_BEFORE = rb"(?<!" + _OF_NAMES + rb")(?<!" + _OF_NAMES + rb"\.)"
_AFTER = rb"(?!" + _OF_NAMES + rb"|\." + _OF_NAMES + rb")"
# Whether the name goes on after a backslash shows only where escapes are undone.
_NO_ESCAPE = rb"(?!\\)"
# So many bytes on each side decide.
_EDGE = 2

# Raytrail reads no JSON in these encodings, but a rejected line may be text in one.
WIDE_ENCODINGS = ("utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Identifier:
    """The user exactly as logged. `spellings` are the name as it is and as our own JSON has it."""

    user: str
    spellings: tuple[bytes, ...]

    @classmethod
    def of(cls, user: str) -> Self:
        """ValueError for an empty user, which every text contains, and for half of a character.

        A user of bytes that are not UTF-8 is in no row, but may be in a line or a body.
        """
        if not user:
            raise ValueError("the identifier is empty")
        spelt = [names.as_bytes(user)]
        if names.is_utf8(user):
            spelt.append(orjson.dumps(user)[1:-1])
        return cls(user, tuple(dict.fromkeys(spelt)))

    @property
    def name(self) -> bytes:
        return self.spellings[0]

    @property
    def wide(self) -> tuple[bytes, ...]:
        """The name in UTF-16."""
        return tuple(self.user.encode(encoding, "surrogatepass") for encoding in WIDE_ENCODINGS)

    @property
    def hiding_patterns(self) -> tuple[bytes, ...]:
        """One of these, or a wide form of the name, is in every text that has it, but not as it is."""
        return (*escape_patterns(self.user), rb"\x00")

    def is_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether a stream of bytes contains it, also across pieces; reads only to the first hit."""
        sought = (self.name, *self.wide)
        as_sent, as_read = _Window(max(map(len, sought))), _Window(len(self.name))
        for piece, text in _both(pieces, escapes_of(self.user)):
            window = as_sent.add(piece)
            if any(name in window for name in sought) or self.name in as_read.add(text):
                return True
        return False

    def is_whole_in(self, pieces: Iterable[bytes]) -> bool:
        """Whether a stream of bytes contains it as a whole name: `ann` is not in `anna@x.example`."""
        pattern = _BEFORE + re.escape(self.name) + _AFTER
        as_sent = _WholeWindow(re.compile(pattern + _NO_ESCAPE), len(self.name))
        as_read = _WholeWindow(re.compile(pattern), len(self.name))
        for piece, text in _both(pieces, ANY_ESCAPE):
            if as_sent.has_after(piece) or as_read.has_after(text):
                return True
        return as_sent.has_at_end() or as_read.has_at_end()

    def count(self, pieces: Iterable[bytes]) -> int:
        """How often a stream of bytes contains it."""
        as_sent, as_read = _Window(len(self.name)), _Window(len(self.name))
        sent = read = 0
        for piece, text in _both(pieces, escapes_of(self.user)):
            sent += as_sent.add(piece).count(self.name)
            read += as_read.add(text).count(self.name)
        return max(sent, read)

    def is_in_text(self, text: str) -> bool:
        return self.is_in([text.encode(errors="surrogatepass")])


def _both(pieces: Iterable[bytes], wanted: re.Pattern[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Each piece as it is, and as much of the stream without escapes as is known with it."""
    unescaper = Unescaper(wanted)
    for piece in pieces:
        yield piece, unescaper.feed(piece)
    yield b"", unescaper.finish()


@dataclass(slots=True)
class _Window:
    """The newest piece of a stream, after as many bytes as a name of this length needs before it."""

    name_bytes: int
    _tail: bytes = b""

    def add(self, piece: bytes) -> bytes:
        window = self._tail + piece
        self._tail = window[max(len(window) - self.name_bytes + 1, 0) :]
        return window


@dataclass(slots=True)
class _WholeWindow:
    """The newest bytes of a stream, to be searched with a pattern that looks at both sides."""

    pattern: re.Pattern[bytes]
    name_bytes: int
    _window: bytes = b""
    # No name begins before this place, or what comes before it would not be known.
    _first: int = 0

    def has_after(self, piece: bytes) -> bool:
        self._window += piece
        # The last bytes do not tell yet whether a name ends there.
        sure = len(self._window) - _EDGE
        if any(place <= sure for place in self._ends()):
            return True
        kept = self.name_bytes + 2 * _EDGE
        if len(self._window) > kept:
            self._window, self._first = self._window[-kept:], _EDGE
        return False

    def has_at_end(self) -> bool:
        return any(True for _ in self._ends())

    def _ends(self) -> Iterator[int]:
        found = self.pattern.finditer(self._window)
        return (each.end() for each in found if each.start() >= self._first)
