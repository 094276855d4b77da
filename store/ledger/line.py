"""One line of a ledger file: an entry as canonical JSON, and a newline.

    {"digest": ..., "header": {"kind", "payload_sha256", "previous", "recorded_at", "sequence"},
     "payload": {...}}

A proof needs only the header, so a payload can be as long as it must be.
"""

from typing import Any

import orjson

from store.ledger.entry import Entry, canonical


class LineDamaged(Exception):
    """A line is not what `encode` makes of any entry; the text says why."""


def encode(entry: Entry) -> bytes:
    fields = {"digest": entry.digest, "header": entry.header(), "payload": entry.payload}
    return canonical(fields) + b"\n"


def decode(line: bytes) -> Entry:
    """The entry of a line with its newline. Raises LineDamaged unless each byte is right."""
    if not line.endswith(b"\n"):
        raise LineDamaged("it has no end")
    try:
        entry = _entry(orjson.loads(line))
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise LineDamaged("it is not an entry of a ledger") from error
    if not entry.is_sound():
        raise LineDamaged("its digest does not match its content")
    if encode(entry) != line:
        raise LineDamaged("its header does not match its content")
    return entry


def _entry(told: Any) -> Entry:
    header = told["header"]
    return Entry(
        sequence=header["sequence"],
        kind=header["kind"],
        recorded_at=header["recorded_at"],
        previous=header["previous"],
        payload=told["payload"],
        digest=told["digest"],
    )
