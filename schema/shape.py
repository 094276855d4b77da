"""What kind of text a body is, told from its first bytes.

A Logpush job can be set to send other things than one JSON object a line. Nothing is refused for
it; the shape is named, so that whoever set up the job can mend it.
"""

import re
from enum import Enum

import orjson

from schema.array_body import is_array_of_records
from schema.lines import BOM, JSON_SPACE

# Enough for the first line of any usual body; what a longer one is shows in its first letter.
SHAPE_BYTES = 2**16

# A key and its value, as records printed over several lines have them on the second line.
_MEMBER_LINE = re.compile(rb'\s*"(?:[^"\\]|\\.)*"\s*:')

# Logpush's CSV has no header; two commas are in every record worth sending.
_CSV_COMMAS_MIN = 2


class Shape(Enum):
    NDJSON = "ndjson"
    ARRAY = "array"
    CSV = "csv"
    PRINTED = "printed"
    TEXT = "text"
    EMPTY = "empty"


def shape_of(start: bytes) -> Shape:
    """The shape of a body that begins with `start`."""
    text = start.removeprefix(BOM).lstrip(JSON_SPACE)
    if not text:
        return Shape.EMPTY
    if is_array_of_records(text):
        return Shape.ARRAY
    first, _, second = text.partition(b"\n")
    if first.startswith(b"{"):
        return Shape.PRINTED if _goes_on(first, second) else Shape.NDJSON
    if _is_json(first):
        return Shape.NDJSON
    return Shape.CSV if first.count(b",") >= _CSV_COMMAS_MIN else Shape.TEXT


def _goes_on(first: bytes, second: bytes) -> bool:
    """Whether a record that begins in one line has its members in the next."""
    return not _is_json(first) and bool(_MEMBER_LINE.match(second))


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
