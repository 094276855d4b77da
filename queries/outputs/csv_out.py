"""Writes a trail as CSV: a header and one row for each request, streamed. Nothing is shortened."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from queries.escape import for_csv, for_terminal
from queries.trail import TrailRow


def trail_csv(rows: Iterable[TrailRow], *, is_for_terminal: bool = False) -> Iterator[bytes]:
    """RFC 4180 in UTF-8; a missing value is an empty cell.

    For a terminal, what it would obey is escaped in addition.
    """
    cell = _terminal_cell if is_for_terminal else _cell
    yield _line([field.name for field in fields(TrailRow)])
    for row in rows:
        yield _line([cell(getattr(row, field.name)) for field in fields(TrailRow)])


def _cell(value: Any) -> Any:
    return for_csv(value) if isinstance(value, str) else value


def _terminal_cell(value: Any) -> Any:
    return for_terminal(for_csv(value)) if isinstance(value, str) else value


def _line(cells: list[Any]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
