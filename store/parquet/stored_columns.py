"""The columns of a dataset in files of the newest format, and in memory.

A file says that an instant is UTC (a UTC-adjusted timestamp in microseconds), which engines show
in the zone of their session; and it gives each column its permanent id (schema/columns.py). In
memory, and in a file of format 1, a time has no zone. Converting one into the other copies nothing.
"""

import pyarrow as pa

from schema.columns import TIME, column_ids, elements_of
from schema.dataset import datasets

INSTANT = pa.timestamp("us", tz="UTC")

_ID = b"PARQUET:field_id"


def as_stored(schema: pa.Schema, dataset: str) -> pa.Schema:
    """The columns of a file of this dataset. A column that this version does not know keeps the id
    it came with, if any.
    """
    ids = column_ids(datasets().get(dataset))
    return pa.schema([_stored(field, ids) for field in schema])


def as_in_memory(schema: pa.Schema) -> pa.Schema:
    """The columns that a file has, of whatever format."""
    return pa.schema([field.with_type(_plain(field.type)) for field in schema])


def in_memory(batch: pa.RecordBatch) -> pa.Table:
    """Rows of a file of whatever format."""
    columns = [column.cast(TIME) if column.type == INSTANT else column for column in batch.columns]
    return pa.Table.from_arrays(columns, names=batch.schema.names)


def field_id(field: pa.Field) -> int | None:
    """The permanent id of a column of a file."""
    found = (field.metadata or {}).get(_ID)
    return None if found is None else int(found)


def _stored(field: pa.Field, ids: dict[str, int]) -> pa.Field:
    kind = field.type
    if kind == TIME:
        kind = INSTANT
    elif pa.types.is_list(kind):
        element = pa.field("element", kind.value_type)
        kind = pa.list_(_identified(element, ids.get(elements_of(field.name))))
    return _identified(field.with_type(kind), ids.get(field.name))


def _identified(field: pa.Field, number: int | None) -> pa.Field:
    return field if number is None else field.with_metadata({_ID: str(number)})


def _plain(kind: pa.DataType) -> pa.DataType:
    return TIME if kind == INSTANT else kind
