"""What a file says of itself is what the catalog says of it, or nobody reads the file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema.columns import arrow_schema
from schema.dataset import datasets
from schema.decoding.decoder import RULES
from schema.errors import RaytrailError
from store.catalog.tables import files
from store.errors import StoreDamaged, StoreTooNew
from store.fsck.check import check
from store.fsck.finding import Kind
from store.parquet.file_reader import opened, opened_unnamed
from store.parquet.footer import FORMAT, Footer, Lineage, NamedFile
from store.parquet.part_file import PartFile
from store.store import Store
from tests.factories import SHELL, gzipped, login, ndjson, record, send
from tests.finished import LINEAGE, content, named
from tests.store.compaction.test_compactor import compact, live, load, parts, settle

SCHEMA = arrow_schema(datasets()["http_requests"])


@pytest.fixture
def part(tmp_path: Path) -> NamedFile:
    file = PartFile(tmp_path, content(SCHEMA))
    file.write(pa.Table.from_pylist([{"user_id": "srhea", "batch_id": "b"}], SCHEMA))
    return file.finish("part.parquet").named


def told(store: Store, row: Any) -> Footer:
    path = store.layout.root / row["path"]
    return Footer.read(path.name, pq.read_metadata(path).metadata)


def test_a_part_says_which_batches_were_loaded_into_it_and_by_which_decoder(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    send(store, gzipped(ndjson(record(RayID="2"))))
    send(store, gzipped(ndjson(login())), "access_requests")
    load(store)

    found = {row["dataset"]: told(store, row) for row in live(store)}

    requests, logins = found["http_requests"].lineage, found["access_requests"].lineage
    assert requests is not None
    assert logins is not None
    assert (requests.receipts, logins.receipts) == ((1, 2), (3,))
    assert (requests.sequence, logins.sequence) == (3, 4)
    [decoder] = requests.decoders
    assert decoder in {f"native/{RULES}", f"python/{RULES}"}
    assert {(each.format, each.dataset, each.day) for each in found.values()} == {
        (FORMAT, "http_requests", "2026-11-20"),
        (FORMAT, "access_requests", "2026-11-20"),
    }


def test_a_merged_file_says_whose_rows_it_has_and_which_decoders_read_them(store: Store) -> None:
    parts(store, 3)
    merged = [row["path"] for row in live(store)]
    decoders = {
        each for row in live(store) if (at := told(store, row).lineage) for each in at.decoders
    }
    settle(store)
    compact(store)

    [lineage] = {told(store, row).lineage for row in live(store)}

    assert lineage is not None
    assert sorted(lineage.merged) == sorted(merged)
    assert lineage.receipts == ()
    assert set(lineage.decoders) == decoders
    assert lineage.sequence > 3


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        ({"dataset": "access_requests"}, "dataset http_requests, the catalog says access_requests"),
        ({"day": "2026-11-21"}, "day 2026-11-20, the catalog says 2026-11-21"),
        ({"format": 1}, "format 2, the catalog says 1"),
    ],
)
def test_a_file_in_the_place_of_another_is_not_read(
    part: NamedFile, catalog: dict[str, Any], problem: str
) -> None:
    with (
        pytest.raises(StoreDamaged, match=rf"part\.parquet: its footer says {problem}"),
        opened(replace(part, **catalog)),
    ):
        pass


def test_a_file_of_format_1_says_nothing_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.parquet"
    pq.write_table(pa.Table.from_pylist([{"user_id": "srhea"}], SCHEMA), path)

    with opened(named(path)) as file:
        assert file.rows == 1
    with (
        pytest.raises(StoreDamaged, match="format 1, the catalog says 2"),
        opened(replace(named(path), format=2)),
    ):
        pass


def rewritten(part: NamedFile, **changes: str) -> NamedFile:
    """The same rows under another footer."""
    metadata = {f"raytrail.{key}": value for key, value in changes.items()}
    table = pq.read_table(part.path, partitioning=None)
    before = {**table.schema.metadata, **{k.encode(): v.encode() for k, v in metadata.items()}}
    pq.write_table(table.replace_schema_metadata(before), part.path)
    return replace(part, sha256=named(part.path).sha256)


@pytest.mark.parametrize(
    ("changes", "error", "problem"),
    [
        ({"format": "3"}, StoreTooNew, "has format 3, .* knows no format past 2: install the"),
        ({"format": "two"}, StoreDamaged, "its footer was not written by Raytrail"),
        ({"receipts": "[1"}, StoreDamaged, "its footer was not written by Raytrail"),
        ({"merged": "7"}, StoreDamaged, "its footer was not written by Raytrail"),
    ],
)
def test_a_footer_that_this_version_cannot_read_is_told_in_a_sentence(
    part: NamedFile, changes: dict[str, str], error: type[RaytrailError], problem: str
) -> None:
    with (
        pytest.raises(error, match=rf"part\.parquet.*{problem}"),
        opened(rewritten(part, **changes)),
    ):
        pass


def test_keys_that_come_later_are_no_trouble(part: NamedFile) -> None:
    with opened(rewritten(part, rows_root="00", unheard="of")) as file:
        assert file.rows == 1


def test_a_file_that_no_catalog_names_is_read_whatever_it_says(part: NamedFile) -> None:
    rewritten(part, format="3")

    with opened_unnamed(part.path) as file:
        [rows] = file.tables(10, ["user_id"])

    assert rows["user_id"].to_pylist() == ["srhea"]


def test_what_a_footer_holds_is_read_as_it_was_written(part: NamedFile) -> None:
    found = Footer.read("part", pq.read_metadata(part.path).metadata)

    assert found == Footer.of("http_requests", "2026-11-20", LINEAGE, "part.parquet")
    assert isinstance(found.lineage, Lineage)


def test_a_footer_that_differs_from_the_catalog_is_found_by_fsck(store: Store) -> None:
    parts(store, 1)
    with store.catalog.write() as connection:
        connection.execute(files.update().values(day="2026-11-19"))

    left = check(store, lambda: None, SHELL).left

    [finding] = [each for each in left if each.kind is Kind.FOOTER_DIFFERS]
    assert "its footer says day 2026-11-20, the catalog says 2026-11-19" in finding.means
