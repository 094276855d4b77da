"""A question compares the end of each file with the catalog, and believes only what pyarrow reads."""

import errno
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schema.columns import arrow_schema
from schema.dataset import datasets
from store.files import trouble
from store.files.trouble import TroubleKind
from store.parquet.footer import Lineage, NamedFile
from store.parquet.footer_check import MAGIC, TAIL_BYTES, mark_of, trouble_of
from store.parquet.part_file import PartFile
from tests.finished import content

SCHEMA = arrow_schema(datasets()["http_requests"])
FIRST_KEY = b"\x18\x0fraytrail.format\x18"


def written(folder: Path, *merged: str) -> NamedFile:
    """A part with one row, made of the files `merged`."""
    told = replace(content(SCHEMA), lineage=Lineage(sequence=7, merged=merged))
    file = PartFile(folder, told)
    file.write(pa.Table.from_pylist([{"user_id": "srhea", "batch_id": "b"}], SCHEMA))
    return file.finish("part.parquet").named


@pytest.fixture
def part(tmp_path: Path) -> NamedFile:
    return written(tmp_path)


def add_keys(part: NamedFile, keys: Mapping[bytes, bytes]) -> None:
    """Write the same rows again, with these keys behind the others."""
    table = pq.read_table(part.path, partitioning=None)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, **keys}), part.path)


def test_a_file_as_it_was_written_is_no_trouble(part: NamedFile) -> None:
    assert trouble_of(part) is None


def test_a_missing_file_is_told(part: NamedFile) -> None:
    part.path.unlink()

    assert trouble_of(part) == trouble.MISSING


def test_a_file_that_does_not_end_as_parquet_does_is_damaged(part: NamedFile) -> None:
    part.path.write_bytes(part.path.read_bytes()[:-1])

    assert trouble_of(part) == trouble.CHANGED


def test_a_footer_of_another_file_is_damage(part: NamedFile) -> None:
    found = trouble_of(replace(part, day="2026-11-21"))

    assert found is not None
    assert found.kind is TroubleKind.DAMAGED
    assert "day 2026-11-20, the catalog says 2026-11-21" in found.reason


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(FIRST_KEY + b"\x013!", id="a newer format, and no end of the pair"),
        pytest.param(FIRST_KEY + b"\x013\x00!", id="a newer format, and no other pair"),
        pytest.param(FIRST_KEY[:-1] + b"!", id="a key without a value"),
        pytest.param(FIRST_KEY + b"\xff\x7f" + b"2", id="a value longer than the file"),
    ],
)
def test_bytes_that_look_like_our_keys_are_no_trouble(part: NamedFile, value: bytes) -> None:
    add_keys(part, {b"unheard": value})

    assert trouble_of(part) is None


def test_a_file_that_is_cut_within_its_keys_is_damaged(part: NamedFile) -> None:
    whole = part.path.read_bytes()
    cut = whole.rindex(FIRST_KEY) + len(FIRST_KEY)
    part.path.write_bytes(whole[:cut] + MAGIC)

    found = trouble_of(part)

    assert found is not None
    assert found.kind is TroubleKind.DAMAGED
    assert found.reason.startswith("is not what was written: part.parquet cannot be read")


def test_keys_that_are_longer_than_the_usual_tail_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merged = [f"parts/http_requests/date=2026-11-20/{n:0200}.parquet" for n in range(64)]
    part = written(tmp_path, *merged)
    assert FIRST_KEY not in part.path.read_bytes()[-TAIL_BYTES:]
    monkeypatch.setattr(pq, "read_metadata", None)  # It would be needed for a footer not found.

    assert trouble_of(part) is None


def test_a_file_that_may_no_longer_be_read_for_the_second_look_is_not_damaged(
    part: NamedFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(_path: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(pq, "read_metadata", forbidden)

    assert trouble_of(replace(part, day="2026-11-21")) == trouble.NOT_PERMITTED


def test_a_footer_is_known_by_every_byte_behind_the_rows_and_by_no_other(tmp_path: Path) -> None:
    path = written(tmp_path).path
    whole, mark = path.read_bytes(), mark_of(path)
    assert mark is not None
    assert mark.bytes == pq.read_metadata(path).serialized_size + 8

    for place in (len(whole) - mark.bytes, len(whole) - mark.bytes // 2, len(whole) - 8):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert mark_of(path) != mark

    path.write_bytes(b"X" + whole[1:])
    assert mark_of(path) == mark


@pytest.mark.parametrize(
    "held", [b"", b"PAR1", b"\x01\x00\x00\x00PAR1", b"rows\x04\x00\x00\x00PAR2"]
)
def test_a_file_without_a_whole_footer_has_none_to_be_known_by(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "part.parquet"
    path.write_bytes(held)

    assert mark_of(path) is None
