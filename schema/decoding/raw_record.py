"""What a record was sent as: the exact bytes of each of its members, looked up by name.

Of members with the same name the last one counts, as it does to JSON parsers. The earlier ones,
which the parser has silently dropped, are always among what is left over.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Protocol, TypeAlias

import orjson

from schema.body.lines import JSON_SPACE
from schema.fields.members import members, name_of, slice_of

# Writes a JSON value the way a sender does, without space.
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
        """How many members a later one of the same name overrules."""

    def raw(self, name: str) -> bytes:
        """The bytes of the value that counts."""

    def left_over(self, names: Container[str]) -> list[bytes]:
        """Slices of the members so named and of all overruled ones, in the sender's order."""


def sent(record: Mapping[str, Any], text: bytes) -> Sent:
    """`record` is what the JSON parser made of `text`."""
    write = writer_of(record, text)
    return Compact(record, write) if write else Scanned(text)


def writer_of(record: Mapping[str, Any], text: bytes) -> Writer | None:
    """Who writes `record` as the very bytes of `text`, but for space around it; None: nobody."""
    try:
        written = orjson.dumps(record)
    except orjson.JSONEncodeError:
        # Text may nest deeper than orjson is willing to write.
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
    """As Go's standard library does, in which much of Cloudflare is written."""
    return _escape_html(orjson.dumps(value))


def _escape_html(json: bytes) -> bytes:
    # Outside its strings JSON has none of these.
    for character, escape in HTML_ESCAPES:
        json = json.replace(character, escape)
    return json


class Compact:
    """A record whose text is the very one that `write` gives, as Cloudflare's nearly always is.

    Then each member is the one it gives too, and there is no need to search the text.
    """

    duplicates = 0

    def __init__(self, record: Mapping[str, Any], write: Writer) -> None:
        self._record = record
        self._write = write

    def raw(self, name: str) -> bytes:
        return self._write(self._record[name])

    def member(self, name: str) -> bytes:
        # Cutting copies, which is as well: what orjson returns holds on to 4 kB, however short.
        return self._write({name: self._record[name]})[1:-1]

    def left_over(self, names: Container[str]) -> list[bytes]:
        return [self.member(name) for name in self._record if name in names]


class Scanned:
    """A record written in any other way JSON allows."""

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
