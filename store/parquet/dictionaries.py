"""Dictionaries of a table's texts, as they are written: only values that one of its rows uses.

Filtering and sorting change the rows and leave the dictionary as it was. Parquet writes a dictionary
as a whole, so without this the values of excluded rows would stay in the new file.
"""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def used_only(table: pa.Table) -> pa.Table:
    """The same rows; each dictionary has just the values that they use, in the same order."""
    columns = [
        pa.chunked_array([used_values(whole_of(column))], column.type)
        if pa.types.is_dictionary(column.type)
        else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def used_values(texts: Any) -> Any:
    """An array with a dictionary of the values that it uses, and no others."""
    used = texts.indices.unique().drop_null()
    if len(used) == len(texts.dictionary):
        return texts
    used = used.take(pc.sort_indices(used))
    indices = pc.index_in(texts.indices, value_set=used).cast(texts.indices.type)
    return pa.DictionaryArray.from_arrays(indices, texts.dictionary.take(used))


def in_order(table: pa.Table) -> pa.Table:
    """Dictionaries in the order of their texts: those that begin alike pack better side by side."""
    columns = [
        _column_in_order(column) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _column_in_order(column: pa.ChunkedArray) -> pa.ChunkedArray:
    whole: Any = whole_of(column)
    order = pc.sort_indices(whole.dictionary)
    places = pc.sort_indices(order).cast(whole.indices.type)
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(places.take(whole.indices), whole.dictionary.take(order))]
    )


def whole_of(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    whole: Any = column.combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
