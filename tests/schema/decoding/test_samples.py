"""Real log lines and hostile ones, where the folder of samples stands beside the project."""

from datetime import datetime

import orjson
import pytest

from schema.body.array_body import is_array_of_records
from schema.body.lines import BOM, JSON_SPACE, lines_of
from schema.body.record_blocks import record_blocks
from schema.dataset import RECOGNISED_FIELDS_MIN, datasets, pushed_datasets, recognise
from schema.decoding.result import Piece, Provenance
from schema.unknown_dataset import UNKNOWN, dataset_named
from tests.schema.readers import decode_by_all
from tests.schema.samples import HOSTILE, files, needs_samples, read

PUSHED = {dataset.name for dataset in pushed_datasets()}
# Nobody has published a record of these yet.
UNSEEN = {
    "account_abuse_protection_events",
    "audit_logs_v2",
    "biso_user_actions",
    "dex_application_tests",
    "dlp_forensic_copies",
    "email_security_post_delivery_events",
    "mcp_portal_logs",
    "ssh_logs",
    "warp_config_changes",
    "warp_toggle_changes",
}
PROVENANCE = Provenance(batch_id="b", received_at=datetime(2026, 11, 22))  # noqa: DTZ001

pytestmark = needs_samples


def lines_sent(body: bytes) -> list[bytes]:
    text = body.removeprefix(BOM)
    if is_array_of_records(text):
        return [line.content for block in record_blocks([text]) for line in lines_of(block)]
    lines = text.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def decoded(body: bytes, name: str) -> Piece:
    dataset = dataset_named(name)
    assert dataset is not None
    lines = lines_sent(body)
    (piece,) = decode_by_all([body], dataset, PROVENANCE)
    tally = piece.tally
    assert tally.lines == len(lines) == tally.rows + tally.rejected + tally.blank
    assert tally.blank == sum(not line.strip(JSON_SPACE) for line in lines)
    for row in piece.rejected.to_pylist():
        assert row["line"] == lines[row["line_number"] - 1]
    return piece


@pytest.mark.parametrize("folder", sorted({*PUSHED, "http_requests-like"} - UNSEEN))
def test_every_record_sent_by_cloudflare_is_a_row_with_a_time(folder: str) -> None:
    dataset = folder.removesuffix("-like")
    for path in files(f"*/{folder}/*"):
        body = read(path)
        piece = decoded(body, dataset)
        if "as-published" in path.name:
            # The documentation once printed records that are no JSON.
            assert (piece.tally.rows, piece.tally.rejected > 0) == (0, True)
            continue
        assert piece.tally.rejected == 0, path
        assert piece.table["event_time"].null_count == 0, path
        assert not piece.tally.approximations, path
        assert not piece.tally.foreign, path
        first = orjson.loads(body.split(b"\n")[0])
        is_enough = len(first) >= RECOGNISED_FIELDS_MIN
        assert recognise(first) is (datasets()[dataset] if is_enough else None), path


@pytest.mark.parametrize("dataset", sorted(PUSHED - UNSEEN - {"http_requests"}))
def test_a_dataset_with_a_file_fits_its_records_exactly(dataset: str) -> None:
    for path in files(f"*/{dataset}/*"):
        piece = decoded(read(path), dataset)
        assert not piece.tally.misfits, path
        assert not piece.tally.unknown, path
        assert piece.table["extra"].null_count == piece.tally.rows


# Read by eye: the time of what the record tells, not of when a connection began or a token ends.
@pytest.mark.parametrize(
    ("folder", "times"),
    [
        ("elastic-integrations/dns_firewall_logs", ["2023-09-19T12:30:00"]),
        ("elastic-integrations/dns_logs", ["2022-05-26T09:23:54"]),
        ("elastic-integrations/magic_ids_detections", ["2023-09-11T03:02:57"]),
        ("elastic-integrations/nel_reports", ["2021-07-27T00:01:07"]),
        ("elastic-integrations/network_analytics_logs", ["2021-07-27T00:01:07"]),
        ("elastic-integrations/sinkhole_http_logs", ["2023-09-19T12:00:00"]),
        ("elastic-integrations/spectrum_events", ["2022-05-26T09:24:00"]),
        ("elastic-integrations/workers_trace_events", ["2023-07-20T11:35:46.804000"]),
        (
            "panther/spectrum_events",
            ["2020-09-17T18:49:46.194526", "2020-09-17T18:00:00"],
        ),
        (
            "sekoia-intake-formats/dns_logs",
            ["2022-07-07T22:42:06.004000", "2022-07-07T22:42:06.004000"],
        ),
    ],
)
def test_a_dataset_without_a_file_is_kept_whole_with_the_right_time(
    folder: str, times: list[str]
) -> None:
    name = folder.partition("/")[2]
    assert name not in datasets()
    found = []
    for path in files(f"{folder}/*"):
        body = read(path)
        piece = decoded(body, name)
        found += [time.isoformat() for time in piece.table["event_time"].to_pylist()]
        lines = [line for line in body.decode().split("\n") if line]
        assert piece.table["extra"].to_pylist() == lines
        assert recognise(orjson.loads(body.split(b"\n")[0])) is None, path
    assert found == times


def test_the_documented_example_names_its_user() -> None:
    (path,) = files("cloudflare-docs/http_requests/*.ndjson")
    table = decoded(read(path), "http_requests").table

    assert table["user_id"].to_pylist() == ["srhea"] * 2
    assert table["user_source"].to_pylist() == ["request_header"] * 2
    assert table["extra"].null_count == 2


@pytest.mark.parametrize("folder", HOSTILE)
@pytest.mark.parametrize("dataset", ["http_requests", UNKNOWN])
def test_no_hostile_file_loses_a_line_or_raises(dataset: str, folder: str) -> None:
    for path in files(f"{folder}/**/*"):
        body = path.read_bytes()
        if lines_sent(body):
            decoded(body, dataset)


def test_the_logs_of_other_programs_are_rejected_line_by_line() -> None:
    for path in files("lnav/access_log/*", "elastic-examples/apache_logs"):
        lines = read(path).splitlines(keepends=True)
        assert decoded(b"".join(lines), UNKNOWN).tally.rejected == len(lines) > 2000, path


def test_the_json_test_suite_is_judged_as_it_says() -> None:
    """Its files are the lines of one body, behind one that is surely a row."""
    judged = {"y_surely": b"{}"}
    for path in files("JSONTestSuite/test_parsing/[ny]_*.json"):
        line = path.read_bytes()
        if b"\n" in line or not line.removeprefix(BOM).strip(JSON_SPACE):
            continue
        if is_array_of_records(line):
            continue
        judged[path.name] = line
    assert len(judged) > 100

    table = decoded(b"\n".join(judged.values()), "http_requests").table

    rows = {[*judged][number - 1] for number in table["line_number"].to_pylist()}
    # Valid JSON that is no object is no row either.
    assert rows == {
        name
        for name, line in judged.items()
        if name.startswith("y_") and line.lstrip(JSON_SPACE).startswith(b"{")
    }
