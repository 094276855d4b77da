"""The smallest and largest values of a column while a file is written."""

from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from store import timestamps


class Range:
    """The smallest and largest value seen, for the catalog's file pruning."""

    def __init__(self) -> None:
        self.low: Any = None
        self.high: Any = None

    def widen(self, low: Any, high: Any) -> None:
        if low is not None:
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)


def extremes(column: pa.ChunkedArray) -> tuple[Any, Any]:
    found = pc.min_max(column).as_py()
    return found["min"], found["max"]


def ends(sorted_column: pa.ChunkedArray) -> tuple[Any, Any]:
    """First and last of a column in order, whose NULLs come last."""
    held = len(sorted_column) - sorted_column.null_count
    return (sorted_column[0].as_py(), sorted_column[held - 1].as_py()) if held else (None, None)


def time_text(value: datetime | None) -> str | None:
    return None if value is None else timestamps.to_text(value)
