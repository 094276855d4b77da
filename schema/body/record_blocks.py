"""Splits a body of any shape into blocks of records."""

from collections.abc import Iterable, Iterator
from itertools import chain

from schema.body.array_body import ArrayCutter, is_array_of_records
from schema.body.lines import Block, LineCutter, without_bom


def record_blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """The records of a body in order, numbered from 1; blank lines count as lines."""
    is_array, content = begun(chunks)
    cutter = ArrayCutter() if is_array else LineCutter()
    for chunk in content:
        yield from cutter.feed(chunk)
    yield from cutter.finish()


def begun(chunks: Iterable[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Whether a body is an array of records, and its bytes without a byte order mark."""
    start, content = b"", without_bom(chunks)
    for chunk in content:
        start += chunk
        is_array = is_array_of_records(start)
        if is_array is not None:
            return is_array, chain([start], content)
    return False, iter([start])
