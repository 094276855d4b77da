"""Writes a trail as CSV: a header and one row for each request, streamed. Nothing is shortened."""

import csv
import io
from collections.abc import Iterable, Iterator
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
    guarded = _unchanged if is_raw else _cell

    def cell(value: Any) -> Any:
        return _terminal_cell(guarded(value)) if is_for_terminal else guarded(value)

    yield _line(_NAMES)
    for row in rows:
        yield _line([cell(value) for value in _values(row)])


def _cell(value: Any) -> Any:
    return for_csv(value) if isinstance(value, str) else value


def _unchanged(value: Any) -> Any:
    return value


def _terminal_cell(value: Any) -> Any:
    return for_terminal(value) if isinstance(value, str) else value


def _line(cells: list[Any]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
