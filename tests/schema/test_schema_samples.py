"""Real log lines and hostile ones, where the folder of samples stands beside the project."""

from datetime import datetime

import orjson
import pytest

from schema.array_body import is_array_of_records
from schema.columns import arrow_schema
from schema.cut import cut
from schema.dataset import datasets, recognise
from schema.lines import BOM, JSON_SPACE, lines_of
from schema.piece import Piece, Provenance
from tests.schema.readers import decode_by_all
from tests.schema.samples import HOSTILE, files, needs_samples, read

PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001

pytestmark = needs_samples


def lines_sent(body: bytes) -> list[bytes]:
    text = body.removeprefix(BOM)
    if is_array_of_records(text):
        return [line.content for block in cut([text]) for line in lines_of(block)]
    lines = text.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def decoded(body: bytes, dataset: str) -> Piece:
    lines = lines_sent(body)
    (piece,) = decode_by_all([body], datasets()[dataset], PROVENANCE)
    tally = piece.tally
    assert tally.lines == len(lines) == tally.rows + tally.rejected + tally.blank
    assert tally.blank == sum(not line.strip(JSON_SPACE) for line in lines)
    assert piece.table.schema == arrow_schema(datasets()[dataset])
    for row in piece.rejected.to_pylist():
        assert row["line"] == lines[row["line_number"] - 1]
    return piece


@pytest.mark.parametrize("dataset", ["http_requests", "access_requests"])
def test_every_record_sent_by_cloudflare_is_a_row_with_a_time(dataset: str) -> None:
    for path in files(f"*/{dataset}*/*"):
        body = read(path)
        piece = decoded(body, dataset)
        if "as-published" in path.name:
            # The documentation once printed records that are no JSON.
            assert (piece.tally.rows, piece.tally.rejected > 0) == (0, True)
            continue
        assert piece.tally.rejected == 0, path
        assert piece.table["event_time"].null_count == 0, path
        assert not piece.tally.approximations, path
        first = orjson.loads(body.split(b"\n")[0])
        assert recognise(first) is datasets()[dataset], path


def test_the_documented_example_names_its_user() -> None:
    (path,) = files("cloudflare-docs/http_requests/*.ndjson")
    table = decoded(read(path), "http_requests").table

    assert table["user_id"].to_pylist() == ["srhea"] * 2
    assert table["user_source"].to_pylist() == ["request_header"] * 2
    assert table["extra"].null_count == 2


def test_no_hostile_file_loses_a_line_or_raises() -> None:
    for path in files(*(f"{name}/**/*" for name in HOSTILE)):
        body = path.read_bytes()
        if lines_sent(body):
            decoded(body, "http_requests")


def test_the_json_test_suite_is_judged_as_it_says() -> None:
    judged = 0
    for path in files("JSONTestSuite/test_parsing/[ny]_*.json"):
        line = path.read_bytes()
        if b"\n" in line or not line.removeprefix(BOM).strip(JSON_SPACE):
            continue
        if is_array_of_records(line):
            continue
        # Valid JSON that is no object is no row either.
        must_be_row = path.name.startswith("y_") and line.lstrip(JSON_SPACE).startswith(b"{")
        assert bool(decoded(line, "http_requests").tally.rows) == must_be_row, path.name
        judged += 1
    assert judged > 100
