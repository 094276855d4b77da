"""The Arrow shape of a dataset, column by column."""

import pyarrow as pa
import pytest

from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import Dataset, Field, FieldType, datasets

TIME = pa.timestamp("us")


def test_ours_come_first_then_the_senders_then_proof() -> None:
    dataset = Dataset(
        name="all",
        scope="zone",
        event_time=(),
        identity=(),
        fields=tuple(
            Field(name=kind.name.capitalize(), type=kind, meaning="-") for kind in FieldType
        ),
    )

    assert [(column.name, column.type) for column in arrow_schema(dataset)] == [
        ("event_time", TIME),
        ("user_id", pa.string()),
        ("user_source", pa.string()),
        ("String", pa.string()),
        ("Int", pa.int64()),
        ("Float", pa.float64()),
        ("Bool", pa.bool_()),
        ("Timestamp", TIME),
        ("Timestamp_ns", pa.int16()),
        ("Object", pa.string()),
        ("Strings", pa.list_(pa.string())),
        ("Ints", pa.list_(pa.int64())),
        ("Objects", pa.string()),
        ("Unknown", pa.string()),
        ("extra", pa.string()),
        ("batch_id", pa.string()),
        ("line_number", pa.int64()),
        ("received_at", TIME),
    ]


@pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)
def test_no_two_columns_differ_by_case_only(dataset: Dataset) -> None:
    names = [name.lower() for name in arrow_schema(dataset).names]

    assert len(set(names)) == len(names)


def test_a_rejected_line_is_kept_as_bytes_with_its_place_and_reason() -> None:
    assert [(column.name, column.type) for column in REJECTED_SCHEMA] == [
        ("dataset", pa.string()),
        ("batch_id", pa.string()),
        ("line_number", pa.int64()),
        ("received_at", TIME),
        ("reason", pa.string()),
        ("line", pa.binary()),
        ("line_bytes", pa.int64()),
    ]
