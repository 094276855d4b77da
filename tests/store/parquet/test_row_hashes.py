"""A sum over rows sees every value and no order; with the native module and without it."""

from collections.abc import Callable

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.parquet import row_hashes as hashing
from store.parquet.row_hashes import Digest, hashes_by_duckdb, row_hashes

Hashes = Callable[[pa.Table], pa.ChunkedArray]

SCHEMA = pa.schema(
    [
        ("text", pa.string()),
        ("bytes", pa.binary()),
        ("number", pa.int64()),
        ("small", pa.int16()),
        ("real", pa.float64()),
        ("flag", pa.bool_()),
        ("time", pa.timestamp("us")),
        ("texts", pa.list_(pa.string())),
        ("numbers", pa.list_(pa.int64())),
    ]
)
ROW = st.fixed_dictionaries(
    {
        "text": st.none() | st.text(max_size=4),
        "bytes": st.none() | st.binary(max_size=4),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "small": st.none() | st.integers(1, 999),
        "real": st.none() | st.floats(allow_nan=False, width=32),
        "flag": st.none() | st.booleans(),
        "time": st.none() | st.datetimes(),
        "texts": st.none() | st.lists(st.none() | st.text(max_size=2), max_size=3),
        "numbers": st.none() | st.lists(st.integers(0, 9), max_size=3),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=8)


def natively(table: pa.Table) -> pa.ChunkedArray:
    if hashing._native is None:
        pytest.skip("NO NATIVE MODULE: row hashes are DuckDB's here")
    return row_hashes(table, table.column_names)


# DuckDB is opened anew for every example, which takes longer than a deadline.
FEW = settings(deadline=None, max_examples=settings().max_examples // 5)
WAYS = pytest.mark.parametrize("hashes", [natively, hashes_by_duckdb])


def table_of(rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, SCHEMA)


@WAYS
@FEW
@given(ROWS, st.randoms(use_true_random=False))
def test_in_any_order_and_any_pieces_the_sum_is_the_same(
    hashes: Hashes, rows: list[dict[str, object]], chance: object
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    table = table_of(shuffled)
    pieces = [Digest.of(hashes(table.slice(at, 1))) for at in range(table.num_rows)]

    assert sum(pieces, Digest()) == Digest.of(hashes(table_of(rows)))


@WAYS
@FEW
@given(ROWS)
def test_a_text_out_of_a_dictionary_counts_as_itself(
    hashes: Hashes, rows: list[dict[str, object]]
) -> None:
    plain = table_of(rows)
    encoded = plain.set_column(0, "text", plain["text"].dictionary_encode())

    assert hashes(encoded).to_pylist() == hashes(plain).to_pylist()


@WAYS
@FEW
@given(ROWS)
def test_a_column_of_null_counts_like_none_at_all(
    hashes: Hashes, rows: list[dict[str, object]]
) -> None:
    table = table_of(rows)
    wider = table.append_column("later", pa.nulls(table.num_rows, pa.string()))

    assert hashes(wider).to_pylist() == hashes(table).to_pylist()


@WAYS
@FEW
@given(ROW, ROW)
def test_rows_that_differ_in_a_value_have_different_hashes(
    hashes: Hashes, one: dict[str, object], other: dict[str, object]
) -> None:
    first, second = hashes(table_of([one, other])).to_pylist()

    assert (first == second) == (table_of([one]) == table_of([other]))


@WAYS
def test_values_that_change_places_between_columns_or_rows_are_seen(hashes: Hashes) -> None:
    """The same values all the same, but not the same rows."""
    tables = [
        pa.table({"a": ["x", "y"], "b": ["1", "2"]}),
        pa.table({"a": ["x", "y"], "b": ["2", "1"]}),
        pa.table({"a": ["1", "2"], "b": ["x", "y"]}),
        pa.table({"a": ["x", "x"], "b": ["1", "2"]}),
    ]

    assert len({Digest.of(hashes(table)) for table in tables}) == len(tables)


def test_columns_that_a_table_has_not_are_left_out_and_none_at_all_is_a_hash_too() -> None:
    table = pa.table({"a": [1, 2]})

    assert row_hashes(table, ["a", "b"]).to_pylist() == row_hashes(table, ["a"]).to_pylist()
    assert row_hashes(table, ["b"]).to_pylist() == [0, 0]


def test_without_the_native_module_duckdb_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"a": [1, 2], 'odd "name\'s"': ["x", None]})
    monkeypatch.setattr(hashing, "_native", None)

    found = row_hashes(table, table.column_names)

    assert found.to_pylist() == hashes_by_duckdb(table).to_pylist()
    assert len(set(found.to_pylist())) == 2
