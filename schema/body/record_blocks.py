"""Splits a body of any shape into blocks of records."""

from collections.abc import Iterable, Iterator

from schema.body.array_body import ArrayCutter, is_array_of_records
from schema.body.lines import Block, LineCutter, without_bom


def record_blocks(chunks: Iterable[bytes]) -> Iterator[Block]:
    """The records of a body in order, numbered from 1; blank lines count as lines."""
    cutter: LineCutter | ArrayCutter | None = None
    start = b""
    for chunk in without_bom(chunks):
        if cutter is None:
            start += chunk
            is_array = is_array_of_records(start)
            if is_array is None:
                continue
            cutter, chunk = ArrayCutter() if is_array else LineCutter(), start  # noqa: PLW2901
        yield from cutter.feed(chunk)
    if cutter is None:
        cutter = LineCutter()
        yield from cutter.feed(start)
    yield from cutter.finish()
