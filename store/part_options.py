"""How Parquet is written: the options that measured best (docs/performance.md).

zstd 1, dictionaries except on nearly unique columns, statistics on the few columns that are
searched, bloom filters on user, Ray ID and address, page checksums (a flipped bit is otherwise read
as a wrong row).
"""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from store.row_order import SORT_COLUMNS

_SEARCHED = ("user_id", "event_time", "RayID", "ClientIP", "EdgeResponseStatus")
_NEARLY_UNIQUE = frozenset({"ClientSrcPort", "line"})
_BLOOM_VALUES_MAX = 20_000  # distinct users, or addresses, of a row group
_BLOOM_FALSE_POSITIVES = 0.01


def options(schema: pa.Schema, rows: int) -> dict[str, Any]:
    """How a part of that many rows in its first row group is written."""
    names = set(schema.names)
    is_time = {field.name for field in schema if pa.types.is_timestamp(field.type)}
    delta = (is_time | {"EdgeResponseBytes", "line_number"}) & names
    few = min(rows, _BLOOM_VALUES_MAX)
    blooms = {"RayID": rows, "user_id": few, "ClientIP": few}
    return {
        "compression": "zstd",
        "compression_level": 1,
        "version": "2.6",
        "data_page_version": "1.0",
        # Which texts came as dictionaries is nothing a reader needs to know.
        "store_schema": False,
        "use_dictionary": list(_repeating(schema, delta)),
        "column_encoding": dict.fromkeys(sorted(delta), "DELTA_BINARY_PACKED"),
        "write_statistics": [name for name in _SEARCHED if name in names],
        "bloom_filter_options": {
            name: {"ndv": max(distinct, 1), "fpp": _BLOOM_FALSE_POSITIVES}
            for name, distinct in blooms.items()
            if name in names
        },
        "write_page_checksum": True,
        "sorting_columns": _sorting(schema),
    }


def _repeating(schema: pa.Schema, delta: set[str]) -> Iterator[str]:
    """Columns worth a dictionary: the decoder has told which texts are, by making one."""
    for field in schema:
        is_unique_text = pa.types.is_string(field.type)
        if not is_unique_text and field.name not in delta | _NEARLY_UNIQUE:
            is_list = pa.types.is_list(field.type)
            yield f"{field.name}.list.element" if is_list else field.name


def _sorting(schema: pa.Schema) -> list[pq.SortingColumn] | None:
    if not set(SORT_COLUMNS) <= set(schema.names):
        return None
    order = [(column, "ascending") for column in SORT_COLUMNS]
    return list(pq.SortingColumn.from_ordering(schema, order))
