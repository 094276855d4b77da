"""A hash for each row, to compare rows, and to compare files by the sum of their hashes.

A NULL adds nothing to it, so a file without a column and one where it is empty count the same.
The hashes are valid within one process only and are never stored.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

_native: Callable[[pa.RecordBatch], pa.Array] | None
try:
    from native._native import row_hashes as _native
except ImportError:
    _native = None

_HALF = 32


@dataclass(frozen=True, slots=True)
class Digest:
    """Rows summed up without an order. Equal rows count as often as they are there."""

    rows: int = 0
    low: int = 0
    high: int = 0

    @classmethod
    def of(cls, hashes: pa.ChunkedArray) -> Self:
        """In two halves, whose sums cannot overflow."""
        low = pc.sum(pc.bit_wise_and(hashes, pa.scalar(2**_HALF - 1, pa.uint64())))
        high = pc.sum(pc.shift_right(hashes, pa.scalar(_HALF, pa.uint64())))
        return cls(len(hashes), low.as_py() or 0, high.as_py() or 0)

    def __add__(self, other: "Digest") -> "Digest":
        return Digest(self.rows + other.rows, self.low + other.low, self.high + other.high)


def row_hashes(table: pa.Table, names: Iterable[str]) -> pa.ChunkedArray:
    """The hash of each row over the named columns, those that the table has."""
    wanted = sorted(set(names) & set(table.column_names))
    held = table.select(wanted)
    if not wanted:
        return pa.chunked_array([pa.repeat(pa.scalar(0, pa.uint64()), table.num_rows)])
    if _native is None:
        return hashes_by_duckdb(held)
    return pa.chunked_array([_native(batch) for batch in held.to_batches()], pa.uint64())


def hashes_by_duckdb(table: pa.Table) -> pa.ChunkedArray:
    """The same without the native module: other numbers, several times as slow."""
    told = (
        "CASE WHEN {0} IS NULL THEN 0 ELSE hash({1}, {0})::HUGEINT END".format(
            '"' + name.replace('"', '""') + '"', "'" + name.replace("'", "''") + "'"
        )
        for name in table.column_names
    )
    # Only names of columns stand in this text, and they are quoted.
    query = f"SELECT hash({' + '.join(told)}) AS hashes FROM rows"  # noqa: S608
    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.register("rows", table)
        return connection.sql(query).to_arrow_table()["hashes"]
