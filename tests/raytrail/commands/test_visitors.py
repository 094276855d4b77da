"""`raytrail visitors` and `raytrail compare` over a store."""

import json
from pathlib import Path

import pytest

from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send

HTML = {"EdgeResponseContentType": "text/html"}


@pytest.fixture
def data(store: Store) -> Path:
    """Two people, and one of them on two days."""
    before = "2026-11-13T09:51:07Z"
    records = [
        record(**HTML, EdgeStartTimestamp=before, EdgeEndTimestamp=before),
        record(**HTML, ClientIP="198.51.100.7"),
        record(**HTML, RequestHeaders={"cf-access-user": "jdoe"}),
    ]
    send(store, gzipped(ndjson(*records)))
    load(store)
    return store.layout.root


def test_visitors_of_a_path_are_printed_for_a_person_and_as_json(
    raytrail: Command, data: Path
) -> None:
    words = ("visitors", "https://JIRA.widgetcorp.example:443", "/browse", "--data", data)

    told, whole = raytrail(*words), json.loads(raytrail(*words, "--json").stdout)

    assert told.returncode == 0
    assert "2 of 2 names" in told.stdout
    assert [each["user_id"] for each in whole["visitors"]] == ["srhea", "jdoe"]
    assert whole["place"] == {"host": "jira.widgetcorp.example", "path": "/browse"}


def test_a_host_without_visitors_is_no_error(raytrail: Command, data: Path) -> None:
    ended = raytrail("visitors", "nowhere.example", "--data", data)

    assert ended.returncode == 0
    assert "no requests are known here" in ended.stdout


def test_a_week_is_compared_with_the_one_before(raytrail: Command, data: Path) -> None:
    words = ("compare", "srhea", "--since", "2026-11-16", "--until", "2026-11-22", "--data", data)

    told, whole = raytrail(*words), json.loads(raytrail(*words, "--json").stdout)

    assert told.returncode == 0
    assert "new addresses  1 of 1" in told.stdout
    assert "the store has no request of anybody" in told.stdout
    assert (whole["now"]["requests"], whole["before"]["requests"]) == (1, 1)
    assert whole["before"]["since"] == "2026-11-09T00:00:00.000000Z"


def test_a_comparison_needs_a_person_and_a_beginning(raytrail: Command, data: Path) -> None:
    nobody = raytrail("compare", "--since", "2026-11-16", "--data", data)
    always = raytrail("compare", "srhea", "--data", data)

    assert (nobody.returncode, always.returncode) == (2, 2)
    assert "--since is missing" in always.stderr
