"""Raytrail's own store, asked as a page would: a snapshot of what a question needs, then SQL."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from bench import adapter
from bench.questions import COLUMNS, Found, Question

_ASK = """
    SELECT {columns} FROM read_parquet($paths, hive_partitioning = false)
    WHERE {conditions} ORDER BY event_time
"""


class Trails:
    """With `is_narrow` its reader of few rows first, as a trail is read; without it, DuckDB alone."""

    def __init__(self, folder: Path, cores: int, *, is_narrow: bool = True) -> None:
        self._narrow = adapter.narrow(folder) if is_narrow else None
        self._store = adapter.open_later(folder, 1)
        self._connection = duckdb.connect(":memory:", config={"threads": str(cores)})
        for name, value in adapter.READING.items():
            self._connection.execute(f"SET {name} = $value", {"value": value})

    def make(self, source: Sequence[Path]) -> None:
        """The rows are its own."""

    def bytes(self) -> int:
        return sum(path.stat().st_size for path in adapter.parts(self._store))

    def files(self) -> int:
        return len(adapter.parts(self._store))

    def ask(self, question: Question) -> Found:
        paths = adapter.parts_of(self._store, question.user, question.since, question.until)
        if not paths:
            return Found(0, 0, None)
        if self._narrow is not None:
            few = adapter.few_rows(self._narrow, paths, question, COLUMNS)
            if few is not None:
                return Found.of(few)
        values = {
            "user": ("user_id = $user", question.user),
            "ray_id": ("RayID = $ray_id", question.ray_id),
            "since": ("event_time >= $since", question.since),
            "until": ("event_time < $until", question.until),
        }
        given = {name: (text, value) for name, (text, value) in values.items() if value is not None}
        conditions = " AND ".join(text for text, _ in given.values())
        # Only names of columns and of parameters stand in this text.
        query = _ASK.format(columns=", ".join(COLUMNS), conditions=conditions)
        parameters: dict[str, Any] = {name: value for name, (_, value) in given.items()}
        parameters["paths"] = [str(path) for path in paths]
        answer = self._connection.execute(query, parameters)
        with warnings.catch_warnings():
            # A relation would save this copy of the rows, and bind the question twice.
            warnings.filterwarnings("ignore", "Arrow output on a DB-API result")
            table: pa.Table = answer.to_arrow_table()
        return Found.of(table)
