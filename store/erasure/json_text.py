r"""Unescapes JSON in a stream of bytes that may be anything: a body, a broken line, a damaged file.

Every escape of JSON becomes the character that it stands for: `\uXXXX` in either case, pairs of
surrogates, and the short ones such as `\/`. All other bytes stay, also those of a wrong escape.
"""

import re
from dataclasses import dataclass

_HEX = rb"[0-9a-fA-F]"
_UNIT = rb"u" + _HEX * 4
# Runs are read at once, so that a body that escapes everything costs little more than another one.
_ESCAPES = re.compile(rb"\\(?:(" + _UNIT + rb"(?:\\" + _UNIT + rb')*+)|(\\(?:\\\\)*+)|(["/bfnrt]))')
_SHORT = {
    '"': b'"',
    "\\": b"\\",
    "/": b"/",
    "\b": b"b",
    "\f": b"f",
    "\n": b"n",
    "\r": b"r",
    "\t": b"t",
}
_OF_SHORT = {letter: character.encode() for character, letter in _SHORT.items()}

# Bytes that may become an escape, or a pair of surrogates, with the bytes that come next.
_HIGH = rb"[dD][89abAB]" + _HEX * 2
_HALF_OF_LOW = rb"\\(?:u(?:[dD](?:[c-fC-F]" + _HEX + rb"?)?)?)?"
_UNFINISHED = re.compile(
    rb"\\(?:u(?:" + _HEX + rb"{0,3}|" + _HIGH + rb"(?:" + _HALF_OF_LOW + rb")?))?\Z"
)
# A pair is twelve bytes, of which the last one is missing.
_UNFINISHED_BYTES_MAX = 11

# A pattern of more escapes than this is slower than reading all of them.
_UNITS_MAX = 64

ANY_ESCAPE = re.compile(rb"\\")


def escape_patterns(text: str) -> tuple[bytes, ...]:
    """One of these is in every stream that escapes a character of this text.

    Each begins with bytes that are always the same, so that a search for it is fast.
    """
    wide = text.encode("utf-16-be", "surrogatepass").hex()
    units = {wide[place : place + 4] for place in range(0, len(wide), 4)}
    long = b"|".join(map(_either_case, sorted(units))) if len(units) <= _UNITS_MAX else _HEX
    short = b"".join(re.escape(_SHORT[character]) for character in set(text) & _SHORT.keys())
    return (rb"\\u(?:" + long + rb")", *([rb"\\[" + short + rb"]"] if short else []))


def escapes_of(text: str) -> re.Pattern[bytes]:
    """What is in every stream that escapes a character of this text."""
    return re.compile(b"|".join(escape_patterns(text)))


def _either_case(digits: str) -> bytes:
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in digits
    ).encode()


@dataclass(slots=True)
class Unescaper:
    """Takes a stream in pieces of any size; keeps a few bytes of an escape that a piece cuts.

    A piece that does not contain `wanted` stays as it is.
    """

    wanted: re.Pattern[bytes] = ANY_ESCAPE
    _held: bytes = b""

    def feed(self, piece: bytes) -> bytes:
        window = self._held + piece if self._held else piece
        end = _end_of_whole(window)
        self._held = window[end:]
        return self._unescaped(window[:end])

    def finish(self) -> bytes:
        """What is left; an escape that the stream cuts off stays as it is."""
        held, self._held = self._held, b""
        return self._unescaped(held)

    def _unescaped(self, text: bytes) -> bytes:
        return _ESCAPES.sub(_characters, text) if self.wanted.search(text) else text


def _characters(escapes: re.Match[bytes]) -> bytes:
    units, backslashes, short = escapes.groups()
    if short is not None:
        return _OF_SHORT[short]
    if backslashes is not None:
        return b"\\" * ((len(backslashes) + 1) // 2)
    wide = bytes.fromhex(units.replace(b"\\", b"").replace(b"u", b"").decode())
    # Half of a pair stands for no character, and no row has a name with it.
    return wide.decode("utf-16-be", "surrogatepass").encode(errors="surrogatepass")


def _end_of_whole(window: bytes) -> int:
    """Where an escape begins that does not end in the window; without one, its length."""
    start = window.find(b"\\", max(len(window) - _UNFINISHED_BYTES_MAX, 0))
    while start >= 0:
        before = window[:start]
        # After an odd number of backslashes this one is escaped itself.
        is_escaped = (len(before) - len(before.rstrip(b"\\"))) % 2
        if not is_escaped and _UNFINISHED.match(window, start):
            return start
        start = window.find(b"\\", start + 1)
    return len(window)
