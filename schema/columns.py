"""The Arrow schema of a dataset: our columns, Cloudflare's fields by their names, and provenance.

In memory times are UTC in microseconds without a zone; files say that they are UTC (see
store/parquet/stored_columns.py). What lies below the microsecond stands beside each time field in
`<Field>_ns` (1 to 999, NULL when there is nothing), so no digit is lost.

Every column has a permanent id, by which a reader finds it whatever it is called. Ours have the
ids below; a field with the id n in its dataset's data file has FIELD_ID_STEP * n, its nanoseconds
the next number, and the elements of a list the one after that. An id is never used again.
"""

from collections.abc import Iterator

import pyarrow as pa

from schema.dataset import Dataset, Field, FieldType
from schema.unknown_dataset import UNKNOWN

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


# The name that records of the dataset `unknown` were sent to, where it got no table of its own.
SENT_AS = "sent_as"

OWN_IDS = {
    "event_time": 1,
    "user_id": 2,
    "user_source": 3,
    "extra": 4,
    "batch_id": 5,
    "line_number": 6,
    "received_at": 7,
    # What compaction adds.
    "also_in": 8,
    "probable_duplicate": 9,
    # Of rejected lines.
    "dataset": 10,
    "reason": 11,
    "line": 12,
    "line_bytes": 13,
    SENT_AS: 14,
}

# What our columns hold, for those who ask with SQL.
OWN_MEANINGS = {
    "event_time": "When the event was, from the first field of those that tell it; NULL if none does.",
    "user_id": "The user as logged, unchanged; NULL if the record names none.",
    "user_source": "Where the user was found: request_header, cookie, email, or NULL.",
    "extra": "Members of the record that no column holds exactly, as JSON.",
    "batch_id": "The batch that contained the record: the SHA-256 of its body.",
    "line_number": "The line in that batch, counted from 1.",
    "received_at": "When the batch was received.",
    "also_in": "Other batches with the same record.",
    "probable_duplicate": "True if the record is probably another one's copy.",
    "dataset": "The dataset that the line was sent to.",
    "reason": "Why the line became no row.",
    "line": "The line as it was sent, or its beginning.",
    "line_bytes": "How long the whole line was.",
    SENT_AS: "The name of the dataset that the record was sent to.",
}

# Room for columns that belong to one field, and below the first of them for more columns of ours.
FIELD_ID_STEP = 100
_NANOSECONDS_STEP, _ELEMENTS_STEP = 1, 2


def column_ids(dataset: Dataset | None) -> dict[str, int]:
    """The permanent id of each column by its name; `<name>[]` is the elements of a list."""
    found = dict(OWN_IDS)
    for field in dataset.fields if dataset else ():
        if field.id:
            first = FIELD_ID_STEP * field.id
            found[field.name] = first
            found[nanoseconds_column(field.name)] = first + _NANOSECONDS_STEP
            found[elements_of(field.name)] = first + _ELEMENTS_STEP
    return found


def elements_of(field_name: str) -> str:
    return f"{field_name}[]"


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


def loaded_schema(dataset: Dataset) -> pa.Schema:
    """The columns that the loader writes: those of decoding, and what a batch adds."""
    decoded = arrow_schema(dataset)
    if dataset.name == UNKNOWN:
        return decoded.append(pa.field(SENT_AS, pa.string()))
    return decoded


def nanoseconds_column(field_name: str) -> str:
    return f"{field_name}_ns"


def _field_columns(field: Field) -> Iterator[tuple[str, pa.DataType]]:
    yield field.name, ARROW_TYPES[field.type]
    if field.type is FieldType.TIMESTAMP:
        yield nanoseconds_column(field.name), pa.int16()
