"""Puts the rows of several tables in the order of a part: by user, time and line.

One person's rows lie together, so a trail reads little. Rows without a user come last.
"""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from store.parquet.dictionaries import used_values, whole_of

SORT_COLUMNS = ("user_id", "event_time")


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows as one table of one chunk a column, whichever texts came as dictionaries."""
    tables = [with_dictionaries(table) for table in tables]
    return stacked(tables).unify_dictionaries().combine_chunks()


def stacked(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows as one table, without a copy but of texts that came in two encodings."""
    if len(tables) > 1:
        kinds = zip(*(table.schema.types for table in tables), strict=True)
        mixed = {
            name
            for name, found in zip(tables[0].column_names, kinds, strict=True)
            if len(set(found)) > 1
        }
        tables = [without_dictionaries(table, mixed) for table in tables]
    return pa.concat_tables(tables)


def shaped(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with every column of `schema`, in its order; what it lacks is NULL."""
    held = set(table.column_names)
    lacking = {field.type for field in schema if field.name not in held}
    nulls = {kind: pa.nulls(table.num_rows, kind) for kind in lacking}
    columns = [table[field.name] if field.name in held else nulls[field.type] for field in schema]
    return pa.Table.from_arrays(columns, names=schema.names)


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
    return ordered([table])


def ordered(tables: Sequence[pa.Table]) -> pa.Table:
    """All rows of tables with the same columns, by user, time and line.

    Column by column, so that not everything is held twice.
    """
    names = tables[0].column_names
    if not set(SORT_COLUMNS) <= set(names):
        return joined(tables)
    keys = pa.record_batch(
        {
            "user": _ranks(_column(tables, "user_id")),
            "time": whole_of(_column(tables, "event_time")),
            "line": whole_of(_column(tables, "line_number")),
        }
    )
    order = pc.sort_indices(keys, [(name, "ascending") for name in keys.schema.names])
    columns = [_taken(_column(tables, name), order) for name in names]
    return pa.Table.from_arrays(columns, names=names)


def _taken(column: pa.ChunkedArray, order: pa.Array) -> pa.ChunkedArray:
    """A column of NULL is the same in any order, and most datasets have many."""
    if column.null_count == len(column):
        return pa.chunked_array([pa.nulls(len(column), column.type)])
    return column.combine_chunks().take(order)


def _column(tables: Sequence[pa.Table], name: str) -> pa.ChunkedArray:
    """One column of all tables, with one dictionary; plain where one of them has none."""
    columns = [_fitting(table[name]) for table in tables]
    kinds = {column.type for column in columns if column.null_count < len(column)}
    if len(kinds) > 1:
        columns = [_plain(column) for column in columns]
    elif kinds:
        [kind] = kinds
        columns = [
            column if column.type == kind else pa.chunked_array([pa.nulls(len(column), kind)])
            for column in columns
        ]
    else:
        columns = [pa.chunked_array([pa.nulls(sum(map(len, columns)), columns[0].type)])]
    return pa.chunked_array(
        [chunk for each in columns for chunk in each.chunks]
    ).unify_dictionaries()


def _fitting(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without the values that none of its rows has, where they are more than its rows:
    of a row group's dictionary a few rows use little, and uniting dictionaries takes long.
    """
    if not pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([_fitting_chunk(chunk) for chunk in column.chunks], column.type)


def _fitting_chunk(chunk: pa.DictionaryArray) -> pa.DictionaryArray:
    return used_values(chunk) if len(chunk.dictionary) > len(chunk) else chunk


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _ranks(users: pa.ChunkedArray) -> pa.Array:
    """Users as numbers in their order: sorting texts, or dictionaries, takes several times as long."""
    encoded = users if pa.types.is_dictionary(users.type) else users.dictionary_encode()
    whole = whole_of(encoded)
    ranks = pc.rank(whole.dictionary, tiebreaker="dense").cast(pa.int32())
    return ranks.take(whole.indices)
