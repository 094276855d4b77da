"""Writes a trail as CSV: a header and one row for each request, streamed. Nothing is shortened."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from queries.escape import for_csv, for_terminal
from queries.trail import TrailRow

_NAMES = [field.name for field in fields(TrailRow)]
_values = attrgetter(*_NAMES)


def trail_csv(
    rows: Iterable[TrailRow], *, is_for_terminal: bool = False, is_raw: bool = False
) -> Iterator[bytes]:
    """RFC 4180 in UTF-8; a missing value is an empty cell.

    A text that a spreadsheet would run begins with a quote, unless the file is `is_raw`, for
    programs. For a terminal, what it would obey is escaped in addition.
    """
    guards = [*([] if is_raw else [for_csv]), *([for_terminal] if is_for_terminal else [])]
    line = io.StringIO(newline="")
    writer = csv.writer(line)

    def written(cells: Iterable[Any]) -> bytes:
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue().encode()

    yield written(_NAMES)
    for row in rows:
        cells: Sequence[Any] = _values(row)
        for guard in guards:
            cells = [guard(value) if isinstance(value, str) else value for value in cells]
        yield written(cells)
