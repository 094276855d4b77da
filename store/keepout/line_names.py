"""What may be a user name in a rejected line: its quoted texts, and its words.

A digest cannot be searched for in a text, so each of them is compared as a whole name.
"""

import re
from collections.abc import Iterator

import orjson

# A quoted text of JSON, with its escapes.
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
# Letters, digits and what user names and e-mail addresses have beside them.
_WORD = re.compile(rb"[\w.@+\-\x80-\xff]+")

# A line that is kept whole may have a megabyte.
CANDIDATES_MAX = 100_000


def candidates(line: bytes) -> set[str]:
    """Every quoted text and every word of a line; a word also without the dot after a sentence."""
    found: set[str] = set()
    for text in _texts(line):
        found.add(text)
        if len(found) >= CANDIDATES_MAX:
            break
    return found


def _texts(line: bytes) -> Iterator[str]:
    for quoted in _QUOTED.finditer(line):
        try:
            yield orjson.loads(quoted[0])
        except orjson.JSONDecodeError:
            continue
    for word in _WORD.finditer(line):
        text = word[0].decode(errors="replace")
        yield text
        yield text.strip(".")
