"""Compares what two decoders made of the same lines."""

import pyarrow as pa

from schema.piece import Piece


def plain(table: pa.Table) -> pa.Table:
    """In the order of the lines, and without dictionaries."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    plain = pa.Table.from_arrays(columns, names=table.schema.names)
    return plain.sort_by("line_number").combine_chunks()


def bits(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Doubles as the bits they are, since -0.0 equals 0.0."""
    if not pa.types.is_floating(column.type):
        return column
    return pa.chunked_array([chunk.view(pa.int64()) for chunk in column.chunks], pa.int64())


def difference(left: Piece, right: Piece) -> str | None:
    """What differs first, in words; None when nothing does."""
    if left.tally != right.tally:
        return f"tally: {left.tally} and {right.tally}"
    if not left.rejected.combine_chunks().equals(right.rejected.combine_chunks()):
        return f"rejected: {left.rejected.to_pylist()} and {right.rejected.to_pylist()}"
    ours, theirs = plain(left.table), plain(right.table)
    if ours.schema != theirs.schema:
        return f"schema: {ours.schema} and {theirs.schema}"
    for name in ours.schema.names:
        if not bits(ours[name]).equals(bits(theirs[name])):
            return f"column {name}"
    return None
