"""Recognises the dataset of a body from the records at its start.

Works for every shape of body: one record a line, an array, records printed over several lines. A
broken first line does not matter. Only a limited part is read, since the sender waits for it.
"""

import json
from collections.abc import Iterator

from schema.body.lines import BOM
from schema.dataset import recognise
from schema.dataset_names import is_known

# The longest record Cloudflare reports having seen is 172 kB.
RECOGNITION_BYTES_MAX = 256 * 1024

# Give up after so many values, valid or not. One is enough in a whole batch; each costs a scan of
# the start at worst.
RECOGNITION_VALUES_MAX = 16

# What separates records, also in an array.
_BETWEEN = " \t\r\n,["

# What the JSON parser raises for invalid and for too deeply nested text.
_UNREADABLE = (ValueError, RecursionError)


def recognised(start: bytes) -> str | None:
    """The dataset of the first record that can be recognised; None if none can."""
    for keys in _records(start[:RECOGNITION_BYTES_MAX]):
        known = recognise(keys)
        if known is not None:
            return known.name
    return None


def likely_dataset(name: str, start: bytes) -> str | None:
    """The dataset that the records of a body plainly belong to, if they came under a name that
    Cloudflare does not document. Under a documented name they are not looked at.
    """
    return None if is_known(name) else recognised(start)


def _records(start: bytes) -> Iterator[dict[str, object]]:
    """The whole objects at the start of a body."""
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
