"""Records that came under a wrong name, as a person meets and moves them."""

from pathlib import Path

import orjson
import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock
from tests.command import Command
from tests.factories import NO_RESERVE, gzipped, load, ndjson, record, send

VICTIM = "typo-victim@acme.example"
BODY = gzipped(ndjson(*(record(RequestHeaders={"cf-access-user": VICTIM}) for _ in range(3))))


@pytest.fixture(autouse=True)
def _store() -> None:
    with Store.create(Path("data"), system_clock, IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, BODY, "http_request")
        load(store)


def test_a_name_that_no_row_has_leads_to_the_records_and_they_are_moved(raytrail: Command) -> None:
    before = raytrail("report", "--user", VICTIM, "--data", "data")
    as_json = raytrail("report", "--user", VICTIM, "--data", "data", "--json")
    status = raytrail("status", "--data", "data")
    moved = raytrail(
        "reassign", "--from", "http_request", "--dataset", "http_requests", "--data", "data"
    )
    after = raytrail("report", "--user", VICTIM, "--data", "data")

    text = " ".join(before.stdout.split())
    assert "No request and no login" not in text
    assert "records under a wrong name may have exactly this name" in text
    assert "3 records sent to http_request look like http_requests" in text
    assert "raytrail reassign --from http_request --dataset http_requests" in text
    assert orjson.loads(as_json.stdout)["misdirected"] == [
        {"dataset": "http_request", "looks_like": "http_requests", "records": 3}
    ]
    assert "3 records look like http_requests" in status.stdout
    assert moved.returncode == 0, moved.stderr
    assert "1 batch moved" in moved.stdout
    assert "3 requests" in after.stdout


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--dataset", "http_requests"), "give --batch or --from"),
        (("--dataset", "http_requests", "--batch", "12"), "first 8 digits"),
        (("--dataset", "http_requets", "--from", "http_request"), "did you mean http_requests"),
        (("--dataset", "No/Such", "--from", "http_request"), "invalid dataset name"),
        (("--dataset", "http_request", "--from", "http_request"), "the same"),
    ],
)
def test_what_is_typed_wrongly_is_refused(
    raytrail: Command, options: tuple[str, ...], reason: str
) -> None:
    ended = raytrail("reassign", *options, "--data", "data")

    assert ended.returncode != 0
    assert reason in " ".join(ended.stderr.split())


def test_a_dry_run_moves_nothing(raytrail: Command) -> None:
    options = ("--from", "http_request", "--dataset", "http_requests", "--data", "data")

    told = raytrail("reassign", *options, "--dry-run", "--json")
    words = raytrail("reassign", *options, "--dry-run")

    assert (facts := orjson.loads(told.stdout))["dry_run"] is True
    assert (facts["moved"], facts["sequence"]) == (1, None)
    assert "1 batch would be moved; nothing was changed" in words.stdout
