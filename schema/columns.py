"""The Arrow shape of a dataset: what we add, Cloudflare's fields under their own names, and proof.

Times are UTC in microseconds without a zone. What lies below the microsecond stands beside each
time field in `<Field>_ns` (1 to 999, NULL when there is nothing), so no digit is lost.
"""

from collections.abc import Iterator

import pyarrow as pa

from schema.dataset import Dataset, Field, FieldType

TIME = pa.timestamp("us")

ARROW_TYPES = {
    FieldType.STRING: pa.string(),
    FieldType.INT: pa.int64(),
    FieldType.FLOAT: pa.float64(),
    FieldType.BOOL: pa.bool_(),
    FieldType.TIMESTAMP: TIME,
    FieldType.OBJECT: pa.string(),
    FieldType.STRINGS: pa.list_(pa.string()),
    FieldType.INTS: pa.list_(pa.int64()),
    FieldType.OBJECTS: pa.string(),
    FieldType.UNKNOWN: pa.string(),
}

REJECTED_SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("batch_id", pa.string()),
        ("line_number", pa.int64()),
        ("received_at", TIME),
        ("reason", pa.string()),
        ("line", pa.binary()),
        ("line_bytes", pa.int64()),
    ]
)


def arrow_schema(dataset: Dataset) -> pa.Schema:
    fields = [column for field in dataset.fields for column in _field_columns(field)]
    return pa.schema(
        [
            ("event_time", TIME),
            ("user_id", pa.string()),
            ("user_source", pa.string()),
            *fields,
            ("extra", pa.string()),
            ("batch_id", pa.string()),
            ("line_number", pa.int64()),
            ("received_at", TIME),
        ]
    )


def nanoseconds_column(field_name: str) -> str:
    return f"{field_name}_ns"


def _field_columns(field: Field) -> Iterator[tuple[str, pa.DataType]]:
    yield field.name, ARROW_TYPES[field.type]
    if field.type is FieldType.TIMESTAMP:
        yield nanoseconds_column(field.name), pa.int16()
