"""Detects the format of a body from its start, and what to change in a job that sends another.

This only helps a person: whatever the format, every line is decoded if possible and kept.
"""

import json
import re
from enum import Enum

import orjson

from schema.body.array_body import is_array_of_records
from schema.body.lines import BOM, JSON_SPACE

# Only so much of a body is examined.
SHAPE_BYTES = 64 * 1024

# One valid line among so many means JSON lines, some of them damaged.
SHAPE_LINES_MAX = 16

# As CSV is written: a value with a comma, a quote, a line break or a space at its start is quoted.
_QUOTED = rb'"[^"]*+(?:""[^"]*+)*+"'
_FIELD = rb"(?:" + _QUOTED + rb'|(?![ \t])[^",\r\n]*+)'
_CSV_ROW = re.compile(_FIELD + rb"(?:," + _FIELD + rb")++(?:[\r\n]|\Z)")

_OBJECT_BEGINS = re.compile(rb'\{[ \t\r]*["}]')
_BRACE_ALONE = re.compile(rb'\{[ \t\r]*\n[ \t\r\n]*["}]')


class Shape(Enum):
    """`hint` says what to change in the Logpush job; None if nothing is wrong."""

    NDJSON = "ndjson"
    ARRAY = "array"
    CSV = "csv"
    PRINTED = "printed"
    TEXT = "text"
    EMPTY = "empty"

    @property
    def hint(self) -> str | None:
        return HINTS.get(self)


HINTS = {
    Shape.CSV: 'in the Logpush job set output_options.output_type to "ndjson"',
    Shape.PRINTED: (
        "in the Logpush job take the line breaks out of output_options.record_template, "
        "record_prefix and record_suffix, so that each record is one line"
    ),
    Shape.TEXT: (
        "in the Logpush job remove output_options.record_template, record_prefix, record_suffix "
        "and record_delimiter, so that each line is one JSON object"
    ),
    Shape.EMPTY: "in the Logpush job name the fields to send in output_options.field_names",
}


def shape_of(start: bytes) -> Shape:
    """`start` is the start of an inflated body; bytes past SHAPE_BYTES are ignored."""
    body = start[:SHAPE_BYTES].removeprefix(BOM).lstrip(JSON_SPACE)
    if not body:
        return Shape.EMPTY
    if is_array_of_records(body):
        return Shape.ARRAY
    if _BRACE_ALONE.match(body):
        return Shape.PRINTED
    lines = body.split(b"\n", SHAPE_LINES_MAX)[:SHAPE_LINES_MAX]
    if any(_is_object(line) for line in lines):
        return Shape.NDJSON
    if _OBJECT_BEGINS.match(body):
        return _begun_as_object(body, lines[0])
    # A list of numbers is valid JSON and also looks like a row of CSV.
    return Shape.CSV if _CSV_ROW.match(body) and not _is_json(lines[0]) else Shape.TEXT


def _begun_as_object(body: bytes, first_line: bytes) -> Shape:
    """The format of a body that begins like an object but has no whole object on a line."""
    text = body.decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        goes_on = first_line.rstrip(JSON_SPACE).endswith((b",", b"{", b"["))
        return Shape.PRINTED if goes_on and first_line != body else Shape.NDJSON
    return Shape.PRINTED if "\n" in text[:end] else Shape.TEXT


def _is_object(line: bytes) -> bool:
    try:
        return type(orjson.loads(line)) is dict
    except orjson.JSONDecodeError:
        return False


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
