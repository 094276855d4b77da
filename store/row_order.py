"""Puts the rows of several tables in the order of a part: by user, time and line.

One person's rows lie together, so a trail reads little. Rows without a user come last.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

SORT_COLUMNS = ("user_id", "event_time")


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows as one table of one chunk a column, whichever texts came as dictionaries."""
    tables = [with_dictionaries(table) for table in tables]
    if len(tables) > 1:
        plain = {
            name
            for table in tables
            for name, kind in zip(table.schema.names, table.schema.types, strict=True)
            if not pa.types.is_dictionary(kind)
        }
        tables = [without_dictionaries(table, plain) for table in tables]
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def with_dictionaries(table: pa.Table) -> pa.Table:
    """Texts that repeat as dictionaries, where the decoder left all of them plain."""
    if any(pa.types.is_dictionary(kind) for kind in table.schema.types):
        return table
    columns = [
        _repeating(column) if pa.types.is_string(column.type) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, names=table.schema.names)


def _repeating(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    encoded = texts.combine_chunks().dictionary_encode()
    held = len(texts) - texts.null_count
    return pa.chunked_array([encoded]) if len(encoded.dictionary) * 2 <= held else texts


def without_dictionaries(table: pa.Table, names: set[str]) -> pa.Table:
    """The same rows, the named columns as plain texts."""
    columns = [
        column.cast(column.type.value_type)
        if name in names and pa.types.is_dictionary(column.type)
        else column
        for name, column in zip(table.schema.names, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, names=table.schema.names)


def in_order(table: pa.Table) -> pa.Table:
    """The rows by user, time and line; a table without users stays as it is."""
    if not set(SORT_COLUMNS) <= set(table.schema.names):
        return table
    keys = pa.table(
        {
            "user": _ranks(table["user_id"]),
            "time": table["event_time"],
            "line": table["line_number"],
        }
    )
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.schema.names])
    # A column of NULL is the same in any order, and most datasets have many.
    columns = [
        column if column.null_count == len(column) else column.take(order)
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _ranks(users: pa.ChunkedArray) -> pa.Array:
    """Users as numbers in their order: sorting texts, or dictionaries, takes several times as long."""
    encoded = users if pa.types.is_dictionary(users.type) else users.dictionary_encode()
    whole = encoded.combine_chunks()
    whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
    ranks = pc.rank(whole.dictionary, tiebreaker="dense").cast(pa.int32())
    return ranks.take(whole.indices)
