"""How Parquet is written: the options that measured best (docs/performance.md).

zstd 1 (6 for the texts of months), dictionaries except on nearly unique columns, plain encoding
for other texts, statistics on the few columns that are searched, bloom filters on user,
Ray ID and address, page checksums (a flipped bit is otherwise read as a wrong row). Parts that Rust
writes (drafts/native_part.py) have the same.

Texts without a dictionary are plain: with lengths apart (DELTA_LENGTH_BYTE_ARRAY) a merged file is
0.8 % smaller, but Spark's vectorised reader of Iceberg tables refuses it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from store.parquet.row_order import SORT_COLUMNS

SEARCHED = ("user_id", "event_time", "RayID", "ClientIP", "EdgeResponseStatus")
_NEARLY_UNIQUE = frozenset({"ClientSrcPort", "line"})
_BLOOM_VALUES_MAX = 20_000  # distinct users, or addresses, of a row group
_BLOOM_FALSE_POSITIVES = 0.01

# Past one page a writer gives a dictionary up, having paid for it. With half as much, a column of
# response headers had none, and a day's rows were 6 % larger.
DICTIONARY_BYTES_MAX = 2**21

# zstd 6 for texts that have dictionaries makes a month 2 % smaller than zstd 1 does (its URIs by a
# sixth), and takes little longer because they are few; other columns gain nothing.
LEVEL, _DENSE_LEVEL = 1, 6

# A page ends between these; with fewer at a time, writing takes a tenth longer.
_ROWS_AT_ONCE = 4_096

# A dictionary saves something once a text is there twice; numbers are small already.
_TEXTS_REPEAT = 2
_NUMBERS_REPEAT = 16
# Of a column with more values than may be, so many of its rows have them all by themselves.
_FIRST_ROWS_SHARE = 8
_COUNTS_UP = frozenset({"line_number"})


@dataclass(frozen=True, slots=True)
class Encodings:
    """Columns that get a dictionary, and those written as differences; all others are plain."""

    dictionaries: frozenset[str]
    delta: frozenset[str]
    # Columns without a value so far: that there is none later either, their statistics can tell.
    empty: frozenset[str]


def as_decoded(table: pa.Table) -> Encodings:
    """What the decoder has told for nothing: it made a dictionary of texts that repeat."""
    names = set(table.column_names)
    is_time = {field.name for field in table.schema if pa.types.is_timestamp(field.type)}
    delta = (is_time | {"EdgeResponseBytes", "line_number"}) & names
    unique_texts = {field.name for field in table.schema if pa.types.is_string(field.type)}
    dictionaries = names - delta - _NEARLY_UNIQUE - unique_texts
    return Encodings(frozenset(dictionaries), frozenset(delta), _empty(table))


def as_measured(table: pa.Table) -> Encodings:
    """What is smallest for these rows; it costs a look at every value, for files that stay."""
    dictionaries, delta = set(), set()
    for field, column in zip(table.schema, table.columns, strict=True):
        is_number = pa.types.is_integer(field.type) or pa.types.is_timestamp(field.type)
        if field.name in _COUNTS_UP:
            delta.add(field.name)
        elif not is_number or _repeats(column, _NUMBERS_REPEAT):
            if not is_number and not _is_worth_a_dictionary(column):
                continue
            dictionaries.add(field.name)
        elif pa.types.is_timestamp(field.type):
            delta.add(field.name)
    return Encodings(frozenset(dictionaries), frozenset(delta), _empty(table))


def _empty(table: pa.Table) -> frozenset[str]:
    """Lists are left out: what the statistics of their elements say is another thing."""
    return frozenset(
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if column.null_count == len(column) and not pa.types.is_list(column.type)
    )


def _is_worth_a_dictionary(column: pa.ChunkedArray) -> bool:
    """Not worth it are texts of which each row has its own, or that fill more than one page."""
    if pa.types.is_dictionary(column.type):
        values = [chunk.dictionary for chunk in column.chunks]
        held = max((each.nbytes for each in values), default=0)
        most = max((len(each) for each in values), default=0)
        return held <= DICTIONARY_BYTES_MAX and most * _TEXTS_REPEAT <= len(column)
    if not _is_text(column.type) or column.null_count == len(column):
        return True
    return _repeats(column, _TEXTS_REPEAT) and (pc.unique(column).nbytes <= DICTIONARY_BYTES_MAX)


def _repeats(column: pa.ChunkedArray, times: int) -> bool:
    """Whether each value is there so many times, taken together; the first rows may tell already."""
    most = len(column) // times
    first = column.slice(0, len(column) // _FIRST_ROWS_SHARE)
    return bool(pc.count_distinct(first).as_py() <= most >= pc.count_distinct(column).as_py())


def _is_text(kind: pa.DataType) -> bool:
    """Texts as they are or as a dictionary: no other column has one in memory."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_dictionary(kind)
    )


def options(
    schema: pa.Schema, rows: int, encodings: Encodings, *, is_dense: bool = False
) -> dict[str, Any]:
    """How a file of that many rows in its first row group is written."""
    names = set(schema.names)
    dictionaries = list(_paths(schema, encodings.dictionaries))
    columns = dict.fromkeys(sorted(encodings.delta), "DELTA_BINARY_PACKED")
    return {
        "compression": "zstd",
        "compression_level": _levels(schema, encodings) if is_dense else LEVEL,
        "version": "2.6",
        "data_page_version": "1.0",
        # Which texts came as dictionaries is nothing a reader needs to know.
        "store_schema": False,
        "use_dictionary": dictionaries,
        "dictionary_pagesize_limit": DICTIONARY_BYTES_MAX,
        "write_batch_size": _ROWS_AT_ONCE,
        "column_encoding": columns,
        "write_statistics": sorted(names & {*SEARCHED, *encodings.empty}),
        "bloom_filter_options": {
            name: {"ndv": max(distinct, 1), "fpp": _BLOOM_FALSE_POSITIVES}
            for name, distinct in bloom_values(rows).items()
            if name in names
        },
        "write_page_checksum": True,
        "sorting_columns": _sorting(schema),
    }


def bloom_values(rows: int) -> dict[str, int]:
    """The columns with a bloom filter, and for how many values of so many rows it is made."""
    few = min(rows, _BLOOM_VALUES_MAX)
    return {"RayID": rows, "user_id": few, "ClientIP": few}


def _levels(schema: pa.Schema, encodings: Encodings) -> dict[str, int]:
    return {
        _path(field): _DENSE_LEVEL
        if _is_text(field.type) and field.name in encodings.dictionaries
        else LEVEL
        for field in schema
    }


def _paths(schema: pa.Schema, names: frozenset[str]) -> Iterator[str]:
    for field in schema:
        if field.name in names:
            yield _path(field)


def _path(field: pa.Field) -> str:
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _sorting(schema: pa.Schema) -> list[pq.SortingColumn] | None:
    if not set(SORT_COLUMNS) <= set(schema.names):
        return None
    order = [(column, "ascending") for column in SORT_COLUMNS]
    return list(pq.SortingColumn.from_ordering(schema, order))
