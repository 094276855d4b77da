"""Why a line is not JSON, in words that are true.

Three of the parser's own messages are replaced. One of them is false: it says "failed to allocate
memory" for a short line with many open brackets, because it sizes its buffer by the line's length.
"""

import re

import orjson

_NO_MEMORY = "failed to allocate memory"
_NOT_UTF8 = "str is not valid UTF-8: surrogates not allowed"
_MORE_CONTENT = "unexpected content after document"

# With so much white space behind a line, the parser's buffer is large enough for every depth that
# the parser accepts.
_ROOM_FACTOR = 8
_ROOM_BYTES_MAX = 65_536

SEVERAL_REASON = (
    "several JSON objects with no line break between them (output_options.record_delimiter):"
    " send each on its own line"
)

# What may stand between two records: any short text, or nothing.
_NEXT_OBJECT = re.compile(r'[^"\[\]{}]{0,16}\{\s*["}]')


def reason_of(error: orjson.JSONDecodeError, line: bytes) -> str:
    """For a person, without a place, since the line itself is kept."""
    message = str(error.msg)
    if message == _NO_MEMORY:
        message = _message_with_room(line)
    if message == _MORE_CONTENT and _is_object(line) and _is_object_at(error):
        return SEVERAL_REASON
    if message == _NOT_UTF8:
        message = "the bytes are not valid UTF-8"
    return f"not JSON: {message}"


def _message_with_room(line: bytes) -> str:
    try:
        orjson.loads(line + b" " * min(_ROOM_FACTOR * len(line), _ROOM_BYTES_MAX))
    except orjson.JSONDecodeError as error:
        return str(error.msg)
    return "it cannot be parsed"


def _is_object(line: bytes) -> bool:
    return line.lstrip().startswith(b"{")


def _is_object_at(error: orjson.JSONDecodeError) -> bool:
    """Whether another object begins where the parser stopped, perhaps behind a delimiter."""
    return _NEXT_OBJECT.match(error.doc, error.pos) is not None
