"""Dictionaries of a table's texts, as they are written: only values that one of its rows uses.

Filtering and sorting change the rows and leave the dictionary as it was. Parquet writes a dictionary
as a whole, so without this the values of excluded rows would stay in the new file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


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


def unused_texts(path: Path, metadata: pq.FileMetaData) -> Iterator[pa.Array]:
    """The texts that a file lists for a row group and that none of its rows has, column by column.

    Earlier versions wrote such texts; a person who was erased may be in them.
    """
    for number in range(metadata.num_row_groups):
        columns = _with_dictionaries(metadata.row_group(number))
        with pq.ParquetFile(
            path, metadata=metadata, read_dictionary=columns, page_checksum_verification=True
        ) as file:
            for column in columns:
                yield _unused(file, number, column)


def _unused(file: pq.ParquetFile, number: int, column: str) -> pa.Array:
    listed, used = list[pa.Array](), list[pa.Array]()
    [column_read] = file.read_row_group(number, [column], use_threads=False).columns
    for chunk in column_read.chunks:
        texts = _flat(chunk)
        present = texts.dictionary.take(texts.indices.unique().drop_null())
        listed.append(texts.dictionary)
        used.append(present)
    if list(map(len, listed)) == list(map(len, used)):
        return pa.array([], pa.binary())
    held = pa.concat_arrays(used)
    texts = pa.concat_arrays(listed).unique()
    return texts.filter(pc.invert(pc.is_in(texts, value_set=held))).cast(pa.binary())


def _flat(values: Any) -> Any:
    """The texts of a column, of which a list is no level."""
    return _flat(pc.list_flatten(values)) if pa.types.is_list(values.type) else values


def _with_dictionaries(group: pq.RowGroupMetaData) -> list[str]:
    chunks = (group.column(place) for place in range(group.num_columns))
    return [
        chunk.path_in_schema
        for chunk in chunks
        if chunk.physical_type == "BYTE_ARRAY" and chunk.has_dictionary_page
    ]
