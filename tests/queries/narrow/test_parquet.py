"""What the native reader takes of Parquet, what it refuses, and that it survives any bytes."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queries.narrow.parquet_files import (
    COLUMNS,
    SCHEMA,
    Asked,
    Reader,
    demand_rows,
    mark,
    of_user,
    refusal,
    write,
)

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["ada", "bob", "cleo", None]),
            "event_time": st.none() | st.integers(-(2**55), 2**55),
            "RayID": st.none() | st.sampled_from(["1", "2", "3"]),
            "text": st.none() | TEXTS,
            "bytes": st.none() | st.binary(max_size=9),
            "short": st.none() | st.integers(-(2**15), 2**15 - 1),
            "long": st.none() | st.integers(-(2**63), 2**63 - 1),
            "double": st.none() | st.floats(allow_nan=False),
            "flag": st.none() | st.booleans(),
        }
    ),
    max_size=60,
)
DICTIONARIES = st.booleans() | st.lists(
    st.sampled_from([each.name for each in SCHEMA if each.name != "flag"]), unique=True
)
DELTA = {"event_time": "DELTA_BINARY_PACKED", "long": "DELTA_BINARY_PACKED"}
DELTA_TEXTS = {"text": "DELTA_LENGTH_BYTE_ARRAY", "RayID": "DELTA_LENGTH_BYTE_ARRAY"}
OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "compression": st.sampled_from(["zstd", "none"]),
        "row_group_size": st.integers(1, 40),
        "data_page_size": st.sampled_from([1, 64, 2**20]),
        "write_batch_size": st.sampled_from([1, 7, 1024]),
        "dictionary_pagesize_limit": st.sampled_from([16, 2**20]),
    }
) | st.just({})
ENCODED = st.one_of(
    DICTIONARIES.map(lambda names: {"use_dictionary": names}),
    st.sampled_from([DELTA, DELTA_TEXTS, {**DELTA, **DELTA_TEXTS}]).map(
        lambda encodings: {"use_dictionary": False, "column_encoding": encodings}
    ),
)


def rows_of(table: pa.Table, user: str) -> pa.Table:
    return table.filter(pc.equal(table["user_id"], user))


def some_rows(count: int = 9) -> list[dict[str, Any]]:
    return [
        {"user_id": user, "RayID": f"{user} {number}", "text": "t" * number, "long": number}
        for user in ("ada", "bob", "cleo")
        for number in range(count)
    ]


@given(ROWS, OPTIONS, ENCODED)
@settings(deadline=None)
def test_whatever_pyarrow_writes_is_read_as_pyarrow_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, Any]],
    how: dict[str, Any],
    encoded: dict[str, Any],
) -> None:
    path = tmp_path_factory.mktemp("written") / "file.parquet"
    table = write(path, rows, **how, **encoded)

    for user in ("ada", "bob", "nobody"):
        demand_rows(of_user(path, user), rows_of(table, user))
    reader = Reader(10_000)
    found = reader.of_ray([mark(path)], "2", COLUMNS, 10_000)
    demand_rows(found, table.filter(pc.equal(table["RayID"], "2")))


@given(st.data())
@settings(deadline=None)
def test_any_bytes_are_an_error_and_never_end_the_process(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("broken") / "file.parquet"
    write(path, some_rows(), **data.draw(ENCODED))
    held = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(held) - 9))
        held[place] = data.draw(st.integers(0, 255))
    path.write_bytes(held)

    # With the hash of the footer as it is now, so that a broken footer is parsed too.
    batch, trouble = of_user(path)

    assert (batch is None) != (trouble is None)


@pytest.mark.parametrize("held", [b"", b"PAR1", b"\x00" * 40 + b"\x20\x00\x00\x00PAR1"])
def test_what_is_no_parquet_is_damage(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "file.parquet"
    path.write_bytes(held)
    file = (str(path), min(len(held), 40), mark(path)[2])

    _, trouble = Reader(10).of_users([(file, [("ada", None)])], COLUMNS, None, 10)

    assert trouble is not None
    assert trouble[:2] == (True, str(path))


def test_a_file_that_is_gone_is_damage(tmp_path: Path) -> None:
    file = (str(tmp_path / "gone.parquet"), 40, b"")

    _, trouble = Reader(10).of_users([(file, [("ada", None)])], COLUMNS, None, 10)

    assert trouble is not None
    assert trouble[0]


def test_another_footer_than_the_catalog_knows_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    write(path, some_rows())
    name, length, sha256 = mark(path)
    other = (name, length, bytes([sha256[0] ^ 1, *sha256[1:]]))

    _, trouble = Reader(10).of_users([(other, [("ada", None)])], COLUMNS, None, 10)

    assert trouble == (True, name, "its footer is not what was written")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"write_page_checksum": False}, "a page without a checksum"),
        ({"compression": "gzip"}, "it is packed with GZIP(GzipLevel(6))"),
        ({"compression": "snappy"}, "it is packed with SNAPPY"),
        ({"data_page_version": "2.0"}, "a page of kind DATA_PAGE_V2"),
        (
            {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}},
            "BYTE_ARRAY as DELTA_BYTE_ARRAY",
        ),
        (
            {"use_dictionary": False, "column_encoding": {"long": "BYTE_STREAM_SPLIT"}},
            "INT64 as BYTE_STREAM_SPLIT",
        ),
    ],
)
def test_what_no_finished_file_has_is_refused(
    tmp_path: Path, options: dict[str, Any], why: str
) -> None:
    path = tmp_path / "file.parquet"
    write(path, some_rows(), **options)

    told = of_user(path)

    assert refusal(told) == why
    assert told[1] is not None
    assert told[1][0] is False


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (pa.array([1], pa.int32()), "int64"),
        (pa.array([1], pa.uint64()), "int64"),
        (pa.array([1], pa.int8()), "int16"),
        (pa.array([1.0], pa.float32()), "double"),
        (pa.array(["a"]), "binary"),
        (pa.array([b"a"]), "string"),
        (pa.array([1], pa.timestamp("ns", "UTC")), "timestamp[us, tz=UTC]"),
        (pa.array([1], pa.timestamp("ms", "UTC")), "timestamp[us, tz=UTC]"),
        (pa.array([1], pa.decimal128(9)), "int64"),
        (pa.array([["a"]]), "string"),
        (pa.array([{"a": "b"}]), "string"),
    ],
)
def test_a_column_of_another_type_is_refused(tmp_path: Path, column: pa.Array, kind: str) -> None:
    path = tmp_path / "file.parquet"
    table = pa.table({"user_id": ["ada"], "odd": column})
    pq.write_table(table, path, write_page_checksum=True, compression="zstd")

    why = refusal(of_user(path, columns=[("odd", kind)]))

    assert why in {"column odd has another type", "column odd is nested, or there twice"}


def test_a_time_without_a_zone_is_one_of_utc(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    table = pa.table({"user_id": ["ada"], "event_time": pa.array([7], pa.timestamp("us"))})
    pq.write_table(table, path, write_page_checksum=True, compression="zstd")

    batch, trouble = of_user(path, columns=[("event_time", "timestamp[us, tz=UTC]")])

    assert trouble is None
    assert batch is not None
    assert batch["event_time"].type == pa.timestamp("us", "UTC")
    assert batch["event_time"].cast(pa.int64()).to_pylist() == [7]


def test_a_column_that_a_file_lacks_is_null(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    write(path, some_rows())

    batch, _ = of_user(path, columns=[("later", "string"), ("long", "int64")])

    assert batch is not None
    assert batch.to_pylist() == [{"later": None, "long": number} for number in range(9)]


@pytest.mark.parametrize("stretch", [(0, 8), (0, 10), (1, 9), (8, 10), (9, 18), (0, 27), (90, 99)])
def test_a_stretch_that_is_not_the_users_is_refused(
    tmp_path: Path, stretch: tuple[int, int]
) -> None:
    path = tmp_path / "file.parquet"
    write(path, some_rows(), row_group_size=4)
    demand_rows(of_user(path, stretch=(0, 9)), rows_of(pq.read_table(path), "ada"))

    assert refusal(of_user(path, stretch=stretch)).startswith("the catalog tells of other rows")


def test_footers_are_kept_up_to_a_number_of_chunks(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.parquet" for number in range(4)]
    for path in paths:
        write(path, some_rows())
    # Three columns to find rows by, and one that is asked for.
    reader = Reader(3 * 4)

    for path, kept in zip(paths, (1, 2, 3, 0), strict=True):
        reader.of_users([(mark(path), [("ada", None)])], [("long", "int64")], None, 100)
        assert reader.kept == kept


def test_a_kept_footer_is_not_that_of_other_bytes(tmp_path: Path) -> None:
    path, reader = tmp_path / "file.parquet", Reader(100)
    for count in (3, 5):
        write(path, some_rows(count))
        batch, _ = reader.of_users([(mark(path), [("ada", None)])], COLUMNS, None, 100)
        assert batch is not None
        assert batch.num_rows == count


def test_a_kept_footer_is_read_again_for_another_column(tmp_path: Path) -> None:
    path, reader = tmp_path / "file.parquet", Reader(100)
    write(path, some_rows())

    for column in (("long", "int64"), ("text", "string")):
        batch, _ = reader.of_users([(mark(path), [("ada", None)])], [column], None, 100)
        assert batch is not None
        assert batch[column[0]].null_count == 0


def test_rows_of_a_period_are_those_from_its_first_to_its_last(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    times = [10, 20, 30, 40, None]
    write(path, [{"user_id": "ada", "event_time": time} for time in times], row_group_size=2)

    def found(since: int, until: int) -> list[int | None]:
        file: Asked = (mark(path), [("ada", (0, 5))])
        batch, _ = Reader(100).of_users([file], [COLUMNS[1]], (since, until), 100)
        assert batch is not None
        held: list[int | None] = batch["event_time"].cast(pa.int64()).to_pylist()
        return held

    assert found(20, 40) == [20, 30]
    assert found(0, 99) == [10, 20, 30, 40]
    assert found(41, 99) == []


def test_a_type_without_a_name_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="odd: unknown type float"):
        Reader(10).of_users([], [("odd", "float")], None, 10)
