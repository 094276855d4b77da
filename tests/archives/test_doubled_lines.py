"""An import says how many lines without an id of their own it has added to equal ones."""

from pathlib import Path
from typing import Any

import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock
from tests.archives.test_import_run import imported
from tests.command import Command
from tests.factories import NO_RESERVE, gzipped, load, ndjson, record, send

WITHOUT_ID = {name: value for name, value in record().items() if name != "RayID"}
OTHER = {"Datetime": "2026-11-20T09:00:00Z", "Anything": 1}


def archive(name: str, *records: dict[str, Any]) -> Path:
    path = Path("archive") / f"{name}.log.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzipped(ndjson(*records)))
    return path


@pytest.mark.parametrize(
    ("dataset", "line"),
    [("http_requests", WITHOUT_ID), ("other_events", OTHER), ("http_requests", {"RayID": "00"})],
)
def test_an_import_counts_the_lines_it_has_doubled(
    raytrail: Command, dataset: str, line: dict[str, Any]
) -> None:
    others = [{**line, "ClientRequestURI": f"/{number}"} for number in range(3)]
    with Store.create(Path("data"), system_clock, IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(line, line, others[0])), dataset)
        load(store)
    path = archive("a", line, line, line, *others)

    first = imported(raytrail, path, "--dataset", dataset)
    again = imported(raytrail, path, "--dataset", dataset, "--again")

    # Of the three lines one may be new, since no other batch holds more than two; others[0] is
    # there twice.
    assert first["doubled"] == 3
    assert again["doubled"] == 0


def test_the_number_is_shown_as_text(raytrail: Command) -> None:
    archive("a", WITHOUT_ID)
    archive("b", WITHOUT_ID, record(RayID="b"))

    ended = raytrail("import", "archive", "--dataset", "http_requests", "--data", "data", "--new")

    assert "the store has twice now: 1;" in ended.stdout


def test_lines_with_an_id_are_not_counted(raytrail: Command) -> None:
    archive("a", record())
    archive("b", record(), record(RayID="b"))

    facts = imported(raytrail, "archive", "--dataset", "http_requests")

    assert facts["doubled"] == 0
