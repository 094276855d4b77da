"""The exact bytes of a record's members as they were sent, by name.

Of members with the same name the last one counts, as in JSON parsers. The earlier ones, which the
parser drops silently, are always part of what is left over.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Protocol, TypeAlias

import orjson

from schema.body.lines import JSON_SPACE
from schema.fields.members import members, name_of, slice_of

# Writes a JSON value as the sender does, without space.
Writer: TypeAlias = Callable[[Any], bytes]

HTML_ESCAPES = (
    (b"&", rb"\u0026"),
    (b"<", rb"\u003c"),
    (b">", rb"\u003e"),
    ("\u2028".encode(), rb"\u2028"),
    ("\u2029".encode(), rb"\u2029"),
)


class Sent(Protocol):
    @property
    def duplicates(self) -> int:
        """How many members a later one of the same name replaces."""

    def raw(self, name: str) -> bytes:
        """The bytes of the value that counts."""

    def left_over(self, names: Container[str]) -> list[bytes]:
        """The text of the named members and of all replaced ones, in the order they were sent."""


def sent(record: Mapping[str, Any], text: bytes) -> Sent:
    """`record` is the parsed `text`."""
    write = writer_of(record, text)
    return Compact(record, write) if write else Scanned(text)


def writer_of(record: Mapping[str, Any], text: bytes) -> Writer | None:
    """The writer that gives exactly `text` for `record`, without outer space; None if there is none."""
    try:
        written = orjson.dumps(record)
    except orjson.JSONEncodeError:
        # Text may nest deeper than orjson can write.
        return None
    if written == text:
        return orjson.dumps
    text = text.strip(JSON_SPACE)
    if written == text:
        return orjson.dumps
    if len(written) < len(text) and _escape_html(written) == text:
        return _write_html_safe
    return None


def _write_html_safe(value: Any) -> bytes:
    """As Go's standard library writes, which much of Cloudflare uses."""
    return _escape_html(orjson.dumps(value))


def _escape_html(json: bytes) -> bytes:
    # JSON has these characters only in strings.
    for character, escape in HTML_ESCAPES:
        json = json.replace(character, escape)
    return json


class Compact:
    """A record whose text is exactly what `write` gives, as nearly all of Cloudflare's are.

    Then `write` gives each member exactly as well, and the text need not be searched.
    """

    duplicates = 0

    def __init__(self, record: Mapping[str, Any], write: Writer) -> None:
        self._record = record
        self._write = write

    def raw(self, name: str) -> bytes:
        return self._write(self._record[name])

    def member(self, name: str) -> bytes:
        # The slice is a copy, which frees memory: what orjson returns keeps 4 kB, however short.
        return self._write({name: self._record[name]})[1:-1]

    def left_over(self, names: Container[str]) -> list[bytes]:
        return [self.member(name) for name in self._record if name in names]


class Scanned:
    """A record in any other form that JSON allows."""

    def __init__(self, text: bytes) -> None:
        self._members = [(name_of(key), (key, value)) for key, value in members(text)]
        self._last = {name: position for position, (name, _) in enumerate(self._members)}

    @property
    def duplicates(self) -> int:
        return len(self._members) - len(self._last)

    def raw(self, name: str) -> bytes:
        return self._members[self._last[name]][1][1]

    def left_over(self, names: Container[str]) -> list[bytes]:
        return [
            slice_of(member)
            for position, (name, member) in enumerate(self._members)
            if name in names or position != self._last[name]
        ]
