r"""A JSON object taken apart without losing a byte: each member's key and value as they were sent.

A JSON parser gives values; evidence needs the bytes. Everything here takes text that the JSON
parser has accepted already, so it need not judge, only find where each piece ends. That takes
one walk from left to right: flat pieces by one regular expression, deeper ones by counting
brackets outside strings. There is no recursion, so nesting costs nothing, and no backtracking
(`*+` gives nothing back), so time is linear whatever the text.

A key is given as it was sent, between its quotes, for `extra`; `name_of` says which name it means,
since `"Ray\u0049D"` is RayID too.
"""

import re
from collections.abc import Iterable
from typing import TypeAlias

import orjson

Member: TypeAlias = tuple[bytes, bytes]

_SPACE = rb"[ \t\r\n]*+"
_TEXT = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_STRING = rb'"' + _TEXT + rb'"'
_SCALAR = rb'[^\[\]{}",: \t\r\n]++'
_OPENER = rb"[\[{]"


_FLAT = _OPENER + rb'(?:[^\[\]{}"]++|' + _STRING + rb")*+[\]}]"
_VALUE = b"(" + b"|".join([_STRING, _SCALAR, _FLAT, _OPENER]) + b")"
_KEY = b'"(' + _TEXT + b')"' + _SPACE + b":" + _SPACE

_MEMBER = re.compile(_SPACE + b"[{,]" + _SPACE + _KEY + _VALUE)
_ELEMENT = re.compile(_SPACE + rb"[\[,]" + _SPACE + b"()" + _VALUE)
_BRACKET = re.compile(_STRING + rb"|([\[{])|([\]}])")
_OPENING, _CLOSING = 1, 2  # its groups


def members(text: bytes) -> list[Member]:
    """The (key, value) slices of a JSON object, in the sender's order."""
    return _walk(_MEMBER, text)


def elements(text: bytes) -> list[bytes]:
    """The value slices of a JSON array, in the sender's order."""
    return [value for _, value in _walk(_ELEMENT, text)]


def _walk(pattern: re.Pattern[bytes], text: bytes) -> list[Member]:
    found = []
    match = pattern.match(text)
    while match:
        key, value = match.groups()
        end = match.end()
        if value in (b"{", b"["):
            # Nested deeper than the expression reaches: it found the opening bracket only.
            end = _closing(text, end)
            value = text[match.start(2) : end]
        found.append((key, value))
        match = pattern.match(text, end)
    return found


def _closing(text: bytes, start: int) -> int:
    """Where the value ends whose opening bracket is just before `start`."""
    brackets = _BRACKET.finditer(text, start)
    depth = 1
    while depth:
        bracket = next(brackets)
        depth += (bracket.lastindex == _OPENING) - (bracket.lastindex == _CLOSING)
    return bracket.end()


def name_of(key: bytes) -> str:
    r"""What a key means once its escapes are read: `Ray\u0049D` is `RayID`."""
    name: str = orjson.loads(b'"' + key + b'"') if b"\\" in key else key.decode()
    return name


def slice_of(member: Member) -> bytes:
    """A member as it stands in `extra`: the sender's key and value, without space between."""
    key, value = member
    return b'"' + key + b'":' + value


def object_of(slices: Iterable[bytes]) -> str | None:
    """Slices put together again as a JSON object; None when there are none."""
    text = b",".join(slices).decode()
    return f"{{{text}}}" if text else None
