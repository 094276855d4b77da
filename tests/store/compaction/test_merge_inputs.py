"""The footers of its inputs tell how many bytes a merge has in memory at once."""

import pyarrow as pa
import pytest

from store.compaction import merge_inputs
from store.compaction.merge_inputs import Inputs
from store.parquet.part_file import ROW_GROUP_ROWS
from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.store.compaction.test_compactor import live, load, parts


def found(store: Store) -> tuple[Inputs, pa.Schema]:
    inputs = Inputs.of(store.layout, live(store))
    return inputs, inputs.schema()


def test_row_groups_are_read_whole_up_to_a_limit_in_bytes_and_in_slices_above_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts(store, 3)
    read, schema = found(store)
    stretches = read.stretches()
    needed = 12 * read.row_bytes(schema)
    monkeypatch.setattr(merge_inputs, "STEP_ROWS_MIN", 2)
    monkeypatch.setattr(merge_inputs, "STEP_BYTES_MAX", 3 * 4 * read.row_bytes(schema))

    monkeypatch.setattr(merge_inputs, "WHOLE_BYTES_MAX", needed)
    whole = read.pace(stretches, schema)
    monkeypatch.setattr(merge_inputs, "WHOLE_BYTES_MAX", needed - 1)
    sliced = read.pace(stretches, schema)

    assert (whole.slice_rows, whole.step_rows, whole.folded_bytes_max) == (ROW_GROUP_ROWS, 4, None)
    assert (sliced.slice_rows, sliced.step_rows) == (4, 4)
    assert sliced.folded_bytes_max == merge_inputs.FOLDED_BYTES_MAX


def test_fewer_rows_are_in_memory_if_rows_are_long(store: Store) -> None:
    parts(store, 1)
    read, schema = found(store)
    send(store, gzipped(ndjson(record(ClientRequestURI="/" + "x" * 1_000_000))))
    load(store)
    longer, _ = found(store)

    few = longer.pace(longer.stretches(), schema).step_rows
    many = read.pace(read.stretches(), schema).step_rows

    assert few * 1_000_000 / 5 * len(longer.stretches()) <= merge_inputs.STEP_BYTES_MAX
    assert many > 10 * few


def test_columns_empty_in_every_file_are_not_read(store: Store) -> None:
    parts(store, 1)
    read, schema = found(store)
    before = read.held(schema).names
    send(store, gzipped(ndjson(record(SmartRouteColoID=7))))
    load(store)
    read, schema = found(store)

    assert set(read.held(schema).names) - set(before) == {"SmartRouteColoID"}
    assert {"user_id", "RayID", "also_in"} <= set(before) < set(schema.names)
