"""An answer about a period says in which times of it nothing was received."""

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from store.store import Store
from tests.command import app
from tests.conftest import NO_LIMITS
from tests.factories import Clock, gzipped, load, ndjson, record, send
from tests.golden_stores import ENVIRONMENT

SILENT = (
    "Nothing was received between 2026-11-22 10:00:00Z and 2026-11-22 13:00:00Z,"
    " nor after 2026-11-22 13:00:00Z: requests made then are here only if they were delivered later or"
    " imported."
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Batches received at 10:00 and 13:00, all with a request of 11-20."""
    clock = Clock()
    with Store.create(tmp_path / "data", clock, NO_LIMITS) as store:
        for hours in (0, 3):
            clock.move(hours=hours)
            send(store, gzipped(ndjson(record(RayID=f"{hours:016x}"))))
        load(store)
    return tmp_path / "data"


def told(data: Path, *asked: str) -> str:
    ended = CliRunner().invoke(app, [*asked, "--data", str(data)], env=ENVIRONMENT)
    return " ".join(ended.output.split())


@pytest.mark.parametrize("command", ["report", "trail"])
def test_no_requests_are_not_claimed_of_a_time_without_a_batch(data: Path, command: str) -> None:
    asked = (command, "--user", "srhea", "--until", "2026-11-23T00:00:00Z")

    found = told(data, *asked, "--since", "2026-11-22T11:00:00Z")

    assert SILENT in found


def test_a_saved_report_has_the_times_without_a_batch(data: Path, tmp_path: Path) -> None:
    period = ("--since", "2026-11-22T11:00:00Z", "--until", "2026-11-23T00:00:00Z")

    told(data, "report", "--user", "srhea", *period, "--save", str(tmp_path / "saved"))

    [page_path] = (tmp_path / "saved").glob("*.html")
    page = page_path.read_text()
    assert SILENT in " ".join(page.split())
    [json_path] = (tmp_path / "saved").glob("*.json")
    document = orjson.loads(json_path.read_bytes())
    assert document["silences"] == {
        "found": [
            {"since": "2026-11-22T10:00:00.000000Z", "until": "2026-11-22T13:00:00.000000Z"},
            {"since": "2026-11-22T13:00:00.000000Z", "until": None},
        ],
        "more": 0,
    }


def test_a_trail_with_requests_tells_them_too(data: Path) -> None:
    found = told(data, "trail", "--user", "srhea", "--since", "2026-11-20")

    assert "Nothing was received before 2026-11-22 10:00:00Z" in found


def test_before_the_first_batch_nothing_was_received(data: Path) -> None:
    asked = ("trail", "--user", "srhea", "--since", "2026-10-01", "--until", "2026-10-02")

    found = told(data, *asked)

    assert "no requests in this period" in found
    assert "was received before 2026-11-22 10:00:00Z: " in found


def test_of_a_period_without_a_beginning_nothing_is_said(data: Path) -> None:
    assert "No batch" not in told(data, "report", "--user", "srhea")
