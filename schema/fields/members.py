r"""Splits a JSON object into the exact bytes of its members' keys and values.

A JSON parser gives values, but `extra` must keep the bytes that were sent. The parser has already
accepted the text, so this only finds where each member ends, in one pass from left to right: flat
values by one regular expression, nested ones by counting brackets outside strings. It uses no
recursion and no backtracking (`*+` is possessive), so time is linear for every text.

A key is the text between its quotes as it was sent; `name_of` gives the name that it means, since
`"Ray\u0049D"` is RayID too.
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
    """The (key, value) slices of a JSON object, in the order they were sent."""
    return _walk(_MEMBER, text)


def elements(text: bytes) -> list[bytes]:
    """The value slices of a JSON array, in the order they were sent."""
    return [value for _, value in _walk(_ELEMENT, text)]


def _walk(pattern: re.Pattern[bytes], text: bytes) -> list[Member]:
    found = []
    match = pattern.match(text)
    while match:
        key, value = match.groups()
        end = match.end()
        if value in (b"{", b"["):
            # Nested deeper than the expression can match: it found only the opening bracket.
            end = _closing(text, end)
            value = text[match.start(2) : end]
        found.append((key, value))
        match = pattern.match(text, end)
    return found


def _closing(text: bytes, start: int) -> int:
    """The end of the value whose opening bracket is just before `start`."""
    brackets = _BRACKET.finditer(text, start)
    depth = 1
    while depth:
        bracket = next(brackets)
        depth += (bracket.lastindex == _OPENING) - (bracket.lastindex == _CLOSING)
    return bracket.end()


def name_of(key: bytes) -> str:
    r"""The name that a key means, with its escapes read: `Ray\u0049D` is `RayID`."""
    name: str = orjson.loads(b'"' + key + b'"') if b"\\" in key else key.decode()
    return name


def slice_of(member: Member) -> bytes:
    """A member as `extra` holds it: key and value as sent, without space between."""
    key, value = member
    return b'"' + key + b'":' + value


def object_of(slices: Iterable[bytes]) -> str | None:
    """The slices joined to a JSON object; None if there are none."""
    text = b",".join(slices).decode()
    return f"{{{text}}}" if text else None
