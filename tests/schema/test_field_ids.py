"""Every column has an id for ever: none changes, none is used twice, none comes back."""

from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from schema.columns import FIELD_ID_STEP, OWN_IDS, column_ids
from schema.dataset import Dataset, Field, FieldType, datasets
from store.parquet import dataset_columns
from store.parquet.stored_columns import as_stored

# Ids of every field that a landed version had; a field that comes later is added, none is changed.
GOLDEN = Path(__file__).parents[1] / "golden" / "field-ids.json"
KNOWN: dict[str, dict[str, int]] = orjson.loads(GOLDEN.read_bytes())

EACH = pytest.mark.parametrize("dataset", datasets().values(), ids=lambda dataset: dataset.name)


@EACH
def test_no_field_has_another_id_than_it_ever_had(dataset: Dataset) -> None:
    known = KNOWN[dataset.name]
    ids = {field.name: field.id for field in dataset.fields}

    assert ids.items() >= {name: known[name] for name in known.keys() & ids}.items()
    assert {known[name] for name in known.keys() - ids} <= dataset.retired_ids, "retire these ids"
    assert ids.keys() <= known.keys(), f"add new fields to {GOLDEN.name}"


def test_no_column_of_ours_has_another_id_than_it_ever_had() -> None:
    assert KNOWN[""] == OWN_IDS
    assert max(OWN_IDS.values()) < FIELD_ID_STEP, "a field's first id is above all of ours"


@EACH
def test_no_two_columns_have_one_id(dataset: Dataset) -> None:
    ids = list(column_ids(dataset).values())

    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", sorted(dataset_columns.known()))
def test_every_column_of_every_file_has_an_id(name: str) -> None:
    for column in dataset_columns.shape(name):
        assert int(column.metadata[b"PARQUET:field_id"]) > 0
        if hasattr(column.type, "value_field"):
            assert int(column.type.value_field.metadata[b"PARQUET:field_id"]) > 0


def test_the_nanoseconds_of_a_field_have_the_next_id() -> None:
    ids = column_ids(datasets()["http_requests"])
    start = ids["EdgeStartTimestamp"]

    assert start % FIELD_ID_STEP == 0
    assert ids["EdgeStartTimestamp_ns"] == start + 1


def test_a_field_of_no_data_file_has_no_id() -> None:
    field = Field(name="Made", type=FieldType.STRING, meaning="")
    made = Dataset(name="made", scope=None, event_time=(), identity=(), fields=(field,))

    assert column_ids(made) == OWN_IDS


def test_a_column_that_this_version_does_not_know_keeps_its_id() -> None:
    later = pa.field("Unheard", pa.string(), metadata={"PARQUET:field_id": "12345"})

    [stored] = as_stored(pa.schema([later]), "http_requests")

    assert stored.metadata == {b"PARQUET:field_id": b"12345"}
