"""How a part lies on disk: the same rows whatever saves bytes, and the bytes that are saved."""

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from store.compaction.merge_output import SortedOutput, Target
from store.parquet import options
from store.parquet.part_file import LOADED, MONTHLY, SORTED, Kind, PartFile
from tests.finished import content

KINDS = pytest.mark.parametrize("kind", [LOADED, SORTED, MONTHLY], ids=["part", "day", "month"])
TEXTS = st.none() | st.sampled_from(["", "/", "/a", "/a/b", "\xe9", "\U0001f600"]) | st.text()


def written(folder: Path, table: pa.Table, kind: Kind) -> Path:
    file = PartFile(folder, content(table.schema), kind)
    file.write(table)
    return file.finish("only.parquet").path


def of_a_month(folder: Path, table: pa.Table) -> Path:
    target = Target(folder=folder, content=content(table.schema), stem="s", kind=MONTHLY)
    with SortedOutput(target) as output:
        output.add(table)
        [made] = output.finish()
    return made.part.path


def encodings(path: Path, column: str) -> set[str]:
    footer = pq.read_metadata(path)
    place = footer.schema.names.index(column)
    return set(footer.row_group(0).column(place).encodings)


def requests(rows: int) -> pa.Table:
    """Every row its own Ray ID; pages repeat, and those of one project begin alike."""
    chance = Random(20261127)
    pages = [f"/projects/team-{page % 97}/boards/{page}?view=list" for page in range(rows // 8)]
    return pa.table(
        {
            "RayID": [f"{chance.getrandbits(64):016x}" for _ in range(rows)],
            "ClientRequestURI": pa.array(
                [chance.choice(pages) for _ in range(rows)]
            ).dictionary_encode(),
            "EdgeResponseStatus": [chance.choice([200, 304]) for _ in range(rows)],
        }
    )


@KINDS
def test_texts_without_a_dictionary_are_encoded_as_every_engine_reads_them(
    tmp_path: Path, kind: Kind
) -> None:
    path = written(tmp_path, requests(2_000), kind)

    assert encodings(path, "RayID") == {"RLE", "PLAIN"}


@pytest.mark.parametrize(("values", "has_one"), [(20, True), (60, False)])
def test_a_dictionary_has_no_more_bytes_than_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: int, has_one: bool
) -> None:
    monkeypatch.setattr(options, "DICTIONARY_BYTES_MAX", 4_000)
    texts = [f"{number:0100}" for number in range(values)] * 4

    path = written(tmp_path, pa.table({"answer": pa.array(texts).dictionary_encode()}), SORTED)

    assert pq.read_table(path)["answer"].to_pylist() == texts
    assert pq.read_metadata(path).row_group(0).column(0).has_dictionary_page is has_one


def test_texts_of_a_month_take_less_than_those_of_a_day(tmp_path: Path) -> None:
    table = requests(20_000)

    def taken(path: Path) -> int:
        footer = pq.read_metadata(path)
        return int(footer.row_group(0).column(1).total_compressed_size)

    for name in ("day", "month"):
        (tmp_path / name).mkdir()
    of_a_day = written(tmp_path / "day", table, SORTED)

    assert taken(of_a_month(tmp_path / "month", table)) < taken(of_a_day)


def test_a_part_never_replaces_a_file(tmp_path: Path) -> None:
    first = written(tmp_path, requests(16), LOADED)
    bytes_before = first.read_bytes()
    second = PartFile(tmp_path, content(requests(8).schema))
    second.write(requests(8))

    with pytest.raises(FileExistsError, match=r"only\.parquet exists already"):
        second.finish(first.name)
    second.abandon()

    assert first.read_bytes() == bytes_before


@example(texts=["/b", "/a", None, "/b", "/a"], is_folded=True, first=1)
@given(texts=st.lists(TEXTS, min_size=4), is_folded=st.booleans(), first=st.integers(0, 3))
def test_every_row_of_a_month_keeps_its_text_and_dictionaries_are_in_order(
    texts: list[str | None], is_folded: bool, first: int
) -> None:
    column = pa.array(texts, pa.string())
    whole = column.dictionary_encode() if is_folded else column
    with TemporaryDirectory() as folder:
        path = of_a_month(Path(folder), pa.table({"page": whole.slice(first)}))
        has_one = pq.read_metadata(path).row_group(0).column(0).has_dictionary_page
        folded = ["page"] if has_one else None
        read = pq.read_table(path, read_dictionary=folded, partitioning=None)["page"]

    assert read.to_pylist() == texts[first:]
    if is_folded and has_one:
        found = [text for chunk in read.chunks for text in chunk.dictionary.to_pylist()]
        assert found == sorted(found, key=str.encode)
