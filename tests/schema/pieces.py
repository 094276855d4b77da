"""Compares what two decoders made of the same lines."""

import pyarrow as pa
import pyarrow.compute as pc

from schema.decoding.result import Piece


def plain(table: pa.Table) -> pa.Table:
    """In the order of the lines, and without dictionaries."""
    schema = table.schema
    if any(map(pa.types.is_dictionary, schema.types)):
        columns = [
            column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
            for column in table.columns
        ]
        table = pa.Table.from_arrays(columns, names=schema.names)
    return table if is_in_order(table["line_number"]) else table.sort_by("line_number")


def is_in_order(numbers: pa.ChunkedArray) -> bool:
    every = numbers.combine_chunks()
    return not pc.any(pc.less(every[1:], every[:-1])).as_py()


def bits(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Doubles as the bits they are, since -0.0 equals 0.0."""
    if not pa.types.is_floating(column.type):
        return column
    return pa.chunked_array([chunk.view(pa.int64()) for chunk in column.chunks], pa.int64())


def difference(left: Piece, right: Piece) -> str | None:
    """What differs first, in words; None when nothing does."""
    if left.tally != right.tally:
        return f"tally: {left.tally} and {right.tally}"
    if not left.rejected.equals(right.rejected):
        return f"rejected: {left.rejected.to_pylist()} and {right.rejected.to_pylist()}"
    ours, theirs = plain(left.table), plain(right.table)
    if ours.schema != theirs.schema:
        return f"schema: {ours.schema} and {theirs.schema}"
    doubles = [field.name for field in ours.schema if pa.types.is_floating(field.type)]
    # Most tables are equal, which is soon seen; only what differs is looked for by name.
    names = doubles if ours.equals(theirs) else ours.schema.names
    for name in names:
        if not bits(ours[name]).equals(bits(theirs[name])):
            return f"column {name}"
    return None
