"""What a file lists in its dictionaries, statistics and bloom filters: texts of its rows, no others."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.parquet import part_file
from store.parquet.dictionaries import unused_texts
from store.parquet.part_file import LOADED, MONTHLY, SORTED, Kind
from tests import inflated
from tests.store.parquet.test_part_file import KINDS, TEXTS, written

GONE = "gone@x.example"


def listed(path: Path, column: str) -> list[list[str]]:
    """The dictionary of each row group, as the file has it."""
    with pq.ParquetFile(path, read_dictionary=[column]) as file:
        groups = [
            file.read_row_group(number, [column])[column] for number in range(file.num_row_groups)
        ]
    return [chunk.dictionary.to_pylist() for group in groups for chunk in group.chunks]


@example(texts=["a", "b", "c", None], kept=[True, False, True, True], first=0)
@given(
    texts=st.lists(TEXTS, min_size=2, max_size=40),
    kept=st.lists(st.booleans(), min_size=40, max_size=40),
    first=st.integers(0, 3),
)
@pytest.mark.parametrize("kind", [LOADED, SORTED, MONTHLY], ids=["part", "day", "month"])
def test_a_dictionary_lists_each_text_that_a_row_has_and_no_other(
    texts: Sequence[str | None], kept: Sequence[bool], first: int, kind: Kind
) -> None:
    # Each text twice, since a column of unique texts gets no dictionary.
    column = pa.array([*texts, *texts], pa.string()).dictionary_encode()
    whole = pa.table({"page": column}).filter(pa.array([*kept[: len(texts)]] * 2)).slice(first)
    with TemporaryDirectory() as folder:
        path = written(Path(folder), whole, kind)
        read = pq.read_table(path, partitioning=None)["page"].to_pylist()
        footer = pq.read_metadata(path)
        has_one = footer.num_row_groups and footer.row_group(0).column(0).has_dictionary_page
        found = listed(path, "page") if has_one else []

    assert read == whole["page"].to_pylist()
    for values in found:
        assert sorted(values) == sorted({text for text in read if text is not None})


def test_each_row_group_lists_its_own_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(part_file, "ROW_GROUP_ROWS", 4)
    column = pa.array(list("aabbccddee")).dictionary_encode()

    path = written(tmp_path, pa.table({"page": column}), LOADED)

    assert listed(path, "page") == [["a", "b"], ["c", "d"], ["e"]]


@KINDS
def test_no_page_statistic_or_bloom_filter_knows_an_excluded_row(
    tmp_path: Path, kind: Kind
) -> None:
    users = [GONE, "ann@x.example", "zoe@x.example", None] * 8
    table = pa.table(
        {
            "user_id": pa.array(users).dictionary_encode(),
            "event_time": pa.array(range(len(users)), pa.timestamp("us")),
            "line_number": pa.array(range(len(users)), pa.int64()),
            "batch_id": pa.array(["b"] * len(users)).dictionary_encode(),
            "texts": pa.array([[f"list of {user}"] for user in users]),
            "bytes": pa.array([f"bytes of {user}".encode() for user in users]),
            "plain": pa.array([f"plain {user}" for user in users]),
            "folded": pa.array([f"text of {user}" for user in users]).dictionary_encode(),
        }
    )
    kept = table.filter(pa.array([user != GONE for user in users]))

    path = written(tmp_path, kept, kind)

    assert not any(GONE.encode() in each for each in inflated.contents(path.read_bytes()))
    probe = "SELECT bloom_filter_excludes FROM parquet_bloom_probe(?, 'user_id', ?)"
    told = {user: duckdb.execute(probe, [str(path), user]).fetchone() for user in (GONE, users[1])}
    assert told == {GONE: (True,), users[1]: (False,)}


def test_texts_that_no_row_has_are_found_in_texts_bytes_and_lists(tmp_path: Path) -> None:
    """As an earlier version wrote them: Parquet writes a dictionary as a whole."""

    def listing(values: list[str] | list[bytes], rows: int) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array([0, 1] * (rows // 2), pa.int32()), values)

    of_lists = pa.ListArray.from_arrays(list(range(9)), listing(["a", "b", GONE], 8))
    table = pa.table(
        {
            "text": listing(["a", "b", GONE], 8),
            "bytes": listing([b"a", b"b", GONE.encode()], 8),
            "list": of_lists,
            "clean": listing(["a", "b"], 8),
            "number": range(8),
            "plain": [f"{number}" for number in range(8)],
        }
    )
    path = tmp_path / "earlier.parquet"
    pq.write_table(
        table,
        path,
        row_group_size=4,
        use_dictionary=["text", "bytes", "list.list.element", "clean"],
    )

    found = [texts.to_pylist() for texts in unused_texts(path, pq.read_metadata(path))]

    assert found == [[GONE.encode()], [GONE.encode()], [GONE.encode()], []] * 2
