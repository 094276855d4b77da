"""What a record was sent as: the exact bytes of each of its members, looked up by name.

Of members with the same name the last one counts, as it does to JSON parsers. The earlier ones,
which the parser has silently dropped, are always among what is left over.
"""

from collections.abc import Container, Mapping
from typing import Any, Protocol

import orjson

from schema.members import members, name_of, slice_of


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
    return Compact(record) if _writes_as(record, text) else Scanned(text)


def _writes_as(record: Mapping[str, Any], text: bytes) -> bool:
    try:
        return orjson.dumps(record) == text
    except orjson.JSONEncodeError:
        # Text may nest deeper than orjson is willing to write.
        return False


class Compact:
    """A record whose text is the very one we would write, as Cloudflare's nearly always is.

    Then each member is the one we would write too, and there is no need to search the text.
    """

    duplicates = 0

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record

    def raw(self, name: str) -> bytes:
        return orjson.dumps(self._record[name])

    def left_over(self, names: Container[str]) -> list[bytes]:
        # Cutting copies, which is as well: what orjson returns holds on to 4 kB, however short.
        return [
            orjson.dumps({name: value})[1:-1]
            for name, value in self._record.items()
            if name in names
        ]


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
