"""Reads a few rows out of finished files, through the native reader where it is built.

It reads the stretch of a person, or a Ray ID, and only the columns asked. What it does not know, it
refuses, and DuckDB answers: nested columns, other encodings, pages without a checksum, files whose
footer the catalog does not know.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from store.files.layout import Layout
from store.parquet import dataset_columns
from store.reading.narrow.outcome import Damaged, Outcome, Refused, Rows
from store.reading.narrow.stretches import known_files, stretches

if TYPE_CHECKING:
    from native._native import Reader

# The same as in schema.decoding.decoder, which imports what a question does not need.
CHOICE_VARIABLE = "RAYTRAIL_DECODER"

# DuckDB reads more rows faster, in several threads and column by column.
ROWS_MAX = 50_000

# Of each column chunk 0.7 KB are kept: 70 MB, for a thousand files of a hundred chunks.
CHUNKS_KEPT_MAX = 100_000

# Since when, and until when.
Ends = tuple[datetime | None, datetime | None]

UNKNOWN = "the catalog does not know the footers of all files"
NESTED = "a column is nested"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a period that is open at one end.
_FIRST_US, _LAST_US = -(2**63), 2**63 - 1


class NarrowReader:
    """Keeps footers between questions. `rows_max` is the most that an answer has."""

    def __init__(self, native: "Reader", layout: Layout, rows_max: int = ROWS_MAX) -> None:
        self._native = native
        self._layout = layout
        self._rows_max = rows_max

    def of_users(
        self,
        dataset: str,
        paths: Sequence[Path],
        users: Sequence[str],
        columns: Sequence[str],
        period: Ends = (None, None),
    ) -> Outcome:
        """All rows of these users in the files; in a period, all from the first to the last in it.

        Its ends are UTC without a zone, or None. Rows without a time are in no such period.
        """
        kinds, found = _kinds(dataset, columns), stretches(self._layout, paths, users)
        if kinds is None:
            return Refused(NESTED)
        if found is None:
            return Refused(UNKNOWN)
        if found.rows > self._rows_max:
            return Refused(f"{found.rows} rows")
        files = [each for each in found.of if each[1]]
        return _outcome(self._native.of_users(files, kinds, _period(*period), self._rows_max))

    def of_ray(
        self, dataset: str, paths: Sequence[Path], ray_id: str, columns: Sequence[str]
    ) -> Outcome:
        """All rows with this Ray ID in the files."""
        kinds, files = _kinds(dataset, columns), known_files(self._layout, paths)
        if kinds is None:
            return Refused(NESTED)
        if files is None:
            return Refused(UNKNOWN)
        return _outcome(self._native.of_ray(files, ray_id, kinds, self._rows_max))


def narrow_reader(
    layout: Layout, environment: dict[str, str] | None = None, rows_max: int = ROWS_MAX
) -> NarrowReader | None:
    """None where it is not built, or not wanted."""
    chosen = (os.environ if environment is None else environment).get(CHOICE_VARIABLE, "")
    if chosen == "python":
        return None
    try:
        from native._native import Reader  # noqa: PLC0415 - it may not be built
    except ImportError:
        return None
    return NarrowReader(Reader(CHUNKS_KEPT_MAX), layout, rows_max)


def _kinds(dataset: str, columns: Sequence[str]) -> list[tuple[str, str]] | None:
    """None if one of them is nested."""
    shape = dataset_columns.shape(dataset)
    kinds = [(name, str(shape.field(name).type)) for name in columns]
    return None if any(kind.startswith("list") for _, kind in kinds) else kinds


def _period(since: datetime | None, until: datetime | None) -> tuple[int, int] | None:
    if since is None and until is None:
        return None
    return (
        _FIRST_US if since is None else _micros(since),
        _LAST_US if until is None else _micros(until),
    )


def _micros(moment: datetime) -> int:
    return (moment.replace(tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)


def _outcome(told: "tuple[object, tuple[bool, str, str] | None]") -> Outcome:
    batch, trouble = told
    if trouble is None:
        return Rows(batch)
    is_damaged, path, why = trouble
    if is_damaged and path:
        return Damaged(Path(path), why)
    return Refused(f"{path}: {why}")
