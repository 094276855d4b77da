"""Which dataset a body is of, told from the records it begins with.

Whatever shape the body has: a record a line, an array, records printed over several lines. A
first line that is broken does not hide the second. What is looked at is bounded, since this is
done before the answer.
"""

import json
from collections.abc import Iterator

from schema.body.lines import BOM
from schema.dataset import recognise

# The longest record Cloudflare reports having seen is 172 kB.
RECOGNITION_BYTES_MAX = 256 * 1024

# Values read or stumbled over before nobody is recognised. One is enough in a batch that is
# whole; each costs a walk over what was kept, at worst.
RECOGNITION_VALUES_MAX = 16

# What stands between records, in an array too.
_BETWEEN = " \t\r\n,["

# An array or object deeper than this raises; so does what is no JSON.
_UNREADABLE = (ValueError, RecursionError)


def recognised(start: bytes) -> str | None:
    """The name of the dataset that the first record anybody knows belongs to."""
    for keys in _records(start[:RECOGNITION_BYTES_MAX]):
        known = recognise(keys)
        if known is not None:
            return known.name
    return None


def _records(start: bytes) -> Iterator[dict[str, object]]:
    """The objects at the start of a body, as far as they are whole."""
    text = start.removeprefix(BOM).decode(errors="replace")
    decoder, place = json.JSONDecoder(), 0
    for _ in range(RECOGNITION_VALUES_MAX):
        while place < len(text) and text[place] in _BETWEEN:
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except _UNREADABLE:
            newline = text.find("\n", place)
            if newline < 0:
                return
            place = newline + 1
        else:
            if isinstance(value, dict):
                yield value
