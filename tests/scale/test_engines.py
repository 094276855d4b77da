"""Other engines read the published tables and give the rows that Raytrail gives."""

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publishing.publisher import Publisher
from store.store import Store
from store.timestamps import from_text
from tests.command import Command
from tests.conftest import NO_LIMITS
from tests.factories import Clock, compact, gzipped, load, ndjson, send
from tests.golden_stores import golden_store
from tests.person_store import by, erase
from tests.publishing.reading import in_catalog, planned
from tests.scale.ask import ENGINES

ROOT = Path(__file__).parents[2]
LIBRARIES = ROOT / ".venv" / "scale"
TABLE = "http_requests"

GONE, HOST, RARE = "gone@widgetcorp.example", "wiki.widgetcorp.example", "rare"
DAYS, PEOPLE = 6, 12


EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone)
# Of the first request of the rare person.
RAY = "0000000000f00020"


def lived(data: Path) -> None:
    """A store of an earlier version, with columns of its own, goes on with this one: days that were
    merged, parts that were not, and a person who was erased from both.
    """
    golden_store(data, "format-2")
    clock = Clock(datetime(2026, 11, 25, 12))  # noqa: DTZ001 (UTC without a zone)
    with Store.open(data, clock, NO_LIMITS) as store:
        for day in range(DAYS):
            for batch in range(2):
                send(store, gzipped(ndjson(*_requests(day, batch))))
                load(store)
            clock.move(days=1)
            compact(store)
        send(store, gzipped(ndjson(*_requests(DAYS, 0))))
        load(store)
        erase(store, GONE)


def _requests(day: int, batch: int) -> list[dict[str, Any]]:
    people = [*(f"person-{number:02}" for number in range(PEOPLE)), GONE]
    if day in {2, DAYS}:
        people.append(RARE)
    return [
        by(
            person,
            RayID=f"{day:012x}{batch:x}{place:03x}"
            if person != RARE
            else f"{0xF0000 + day:015x}{batch:x}",
            EdgeStartTimestamp=f"2026-11-{25 + day:02}T1{batch}:{place:02}:07.123456789Z"
            if day < DAYS
            else f"2026-12-01T1{batch}:{place:02}:07.5Z",
            ClientRequestHost=HOST if place % 3 else "jira.widgetcorp.example",
            ClientRequestURI=f"/pages/{place}?q='ü'",
        )
        for place, person in enumerate(people)
    ]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scale") / "data"
    lived(folder)
    with Store.open(folder, Clock(), NO_LIMITS) as store:
        Publisher(store=store).publish()
    return folder


def asked(engine: str, data: Path, user: str) -> dict[str, list[list[Any]]]:
    """What an engine answers, in a process with its own libraries."""
    if not LIBRARIES.is_dir():
        pytest.skip(f"NOT ASKED: {engine} is not installed; run `make test-scale`")
    environment = {**os.environ, "PYTHONPATH": f"{LIBRARIES}{os.pathsep}{ROOT}", "TZ": "Asia/Tokyo"}
    ended = subprocess.run(
        [
            sys.executable,
            str(ROOT / "tests" / "scale" / "ask.py"),
            engine,
            f"{data}/published/{TABLE}",
        ],
        input=json.dumps({"user": user, "host": HOST, "ray": RAY}),
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        # ClickHouse reads files below this folder alone.
        cwd=data.parent,
    )
    assert ended.returncode == 0, ended.stderr[-2_000:]
    answers: dict[str, list[list[Any]]] = json.loads(ended.stdout.splitlines()[-1])
    return answers


def trail_of(told: str) -> list[list[Any]]:
    names = ("method", "host", "uri", "status", "ip", "ray_id", "batch_id", "line_number")
    rows = [json.loads(line) for line in told.splitlines()]
    return [[_micros(row["time"]), *(row[name] for name in names)] for row in rows]


def _micros(time: str) -> int:
    return (from_text(time) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.scale
@pytest.mark.parametrize("user", ["person-03", RARE, GONE, "srhea"])
@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_gives_the_rows_of_raytrail(
    engine: str, user: str, data: Path, raytrail: Command
) -> None:
    answers = asked(engine, data, user)

    trail = raytrail("trail", "--user", user, "--exactly", "--json", "--data", data)
    assert answers["trail"] == trail_of(trail.stdout)
    assert bool(answers["trail"]) is (user != GONE)
    explained = json.loads(raytrail("explain", RAY, "--json", "--data", data).stdout)
    assert [row[0] for row in answers["ray"]] == [RARE]
    assert RARE in json.dumps(explained)
    visitors = json.loads(raytrail("visitors", HOST, "--json", "--data", data).stdout)["visitors"]
    assert sorted(answers["visitors"]) == sorted(
        [each["user_id"], each["requests"]] for each in visitors
    )
    assert GONE not in dict(answers["visitors"])


@pytest.mark.scale
def test_a_rare_person_and_a_day_need_few_files(data: Path) -> None:
    with Store.open(data, Clock(), NO_LIMITS) as store:
        table, live = in_catalog(store), len(store.snapshot().files[TABLE])

        assert len(planned(table)) == live
        assert len(planned(table, f"user_id = '{RARE}'")) < live / 2
        assert len(planned(table, "event_time >= '2026-12-01T00:00:00+00:00'")) == 1
        assert len(planned(table, f"user_id = '{GONE}'")) <= live
