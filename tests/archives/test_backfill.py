"""Backfill stores every request that is missing, and none twice."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock, to_text
from tests.archives.test_import_run import entries, rays
from tests.cloudflare_api.logpull import EPOCH
from tests.cloudflare_api.world import ZONE_ID, ZONE_NAME, Trouble, World
from tests.command import Command
from tests.dying import Killed
from tests.factories import NO_RESERVE, gzipped, ndjson, record, send

pytestmark = pytest.mark.usefixtures("cloudflare")

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def start() -> datetime:
    """The start of an hour that Logpull keeps completely."""
    return system_clock().replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)


@pytest.fixture(autouse=True)
def _store() -> None:
    with Store.create(Path("data"), system_clock, IntakeLimits(reserve=NO_RESERVE)):
        pass


def kept(world: World, at: datetime, ray: str, **changes: Any) -> None:
    """Lets Logpull keep a request that Cloudflare received a minute after its start."""
    started = (at - EPOCH) // timedelta(microseconds=1) * 1000
    request = {
        "ClientIP": "192.0.2.17",
        "ClientRequestHost": "jira.widgetcorp.example",
        "ClientRequestMethod": "GET",
        "ClientRequestURI": "/browse/EXP-1",
        "EdgeEndTimestamp": started,
        "EdgeResponseBytes": 4600,
        "EdgeResponseStatus": 200,
        "EdgeStartTimestamp": started,
        "RayID": ray,
        "ClientRequestSource": "eyeball",
        **changes,
    }
    world.logpull.requests.append((at + timedelta(minutes=1), request))


def pushed(at: datetime, ray: str, **changes: Any) -> dict[str, Any]:
    """The same request as sent by Logpush: with other fields, and times in whole seconds."""
    text = to_text(at.replace(microsecond=0))[:19] + "Z"
    return record(EdgeStartTimestamp=text, EdgeEndTimestamp=text, RayID=ray, **changes)


def received(*records: dict[str, Any]) -> None:
    with Store.open(Path("data"), system_clock) as store:
        send(store, gzipped(ndjson(*records)))


def filled(
    raytrail: Command, since: datetime, hours: float = 2, *more: str, status: int = 0
) -> dict[str, Any]:
    until = to_text(since + timedelta(hours=hours))
    period = ("--since", to_text(since), "--until", until)
    ended = raytrail("backfill", "--zone", ZONE_NAME, *period, "--data", "data", "--json", *more)
    assert ended.returncode == status, ended.stderr
    facts: dict[str, Any] = orjson.loads(ended.stdout) if not status else {"error": ended.stderr}
    return facts


def test_a_gap_is_backfilled_hour_by_hour_and_only_once(
    raytrail: Command, world: World, start: datetime
) -> None:
    for minute in range(0, 120, 10):
        kept(world, start + timedelta(minutes=minute), f"{minute:016x}")

    first = filled(raytrail, start)
    again = filled(raytrail, start)

    assert (first["windows"], first["records"], first["already_held"]) == (2, 12, 0)
    assert (again["windows"], again["requests"], again["windows_done_before"]) == (0, 0, 2)
    assert rays(Path("data")) == [f"{minute:016x}" for minute in range(0, 120, 10)]


def test_the_words_of_a_backfill_warn_of_nothing_that_did_not_happen(
    raytrail: Command, world: World, start: datetime
) -> None:
    kept(world, start, "8f0e1d2c3b4a5968")
    period = ("--since", to_text(start), "--until", to_text(start + timedelta(hours=1)))

    ended = raytrail("backfill", "--zone", ZONE_NAME, *period, "--data", "data")

    assert "1 record fetched, 0 of them already stored" in ended.stdout
    for warning in ("without a Ray ID", "skipped"):
        assert warning not in ended.stdout


@pytest.mark.parametrize("milliseconds", [0, 1, 411, 999])
def test_a_request_delivered_by_logpush_in_another_format_is_skipped(
    raytrail: Command, world: World, start: datetime, milliseconds: int
) -> None:
    fraction = milliseconds * MILLISECOND
    moments = [start + timedelta(seconds=7 * number) + fraction for number in range(20)]
    for number, at in enumerate(moments):
        kept(world, at, f"{number:016x}")
    # Every second request was delivered, and one without its source and method.
    received(*[pushed(moments[number], f"{number:016x}") for number in range(0, 20, 2)])
    received(pushed(moments[1], f"{1:016x}", ClientRequestMethod=None, ClientRequestSource=None))

    facts = filled(raytrail, start, 1)

    assert (facts["records"], facts["already_held"]) == (20, 11)
    assert rays(Path("data")) == [f"{number:016x}" for number in range(20)]


def test_no_request_is_fetched_twice_because_its_file_is_damaged(
    raytrail: Command, world: World, start: datetime
) -> None:
    kept(world, start, "8f0e1d2c3b4a5968")
    received(pushed(start, "8f0e1d2c3b4a5968"))
    assert raytrail("load", "--data", "data").returncode == 0
    [part] = Path("data/parts").rglob("*.parquet")
    whole = part.read_bytes()
    part.unlink()

    told = filled(raytrail, start, 1, status=2)["error"]
    part.write_bytes(whole)

    assert f"{part.name} is missing: which records are stored already cannot be told" in told
    assert filled(raytrail, start, 1)["already_held"] == 1


def test_held_requests_are_found_on_a_machine_in_another_zone() -> None:
    """DuckDB takes the zone of the machine once for the whole process, so this needs another one."""
    name = test_a_request_delivered_by_logpush_in_another_format_is_skipped.__name__
    asked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"{__file__}::{name}"]
    environment = {**os.environ, "TZ": "Asia/Tokyo"}

    ended = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout


def test_different_requests_with_one_ray_id_are_all_stored(
    raytrail: Command, world: World, start: datetime
) -> None:
    ray = "8f0e1d2c3b4a5968"
    kept(world, start, ray)
    kept(world, start, ray, ClientRequestURI="/browse/EXP-2")
    kept(world, start, ray, ClientRequestMethod="POST")
    kept(world, start, ray, ClientRequestHost="wiki.widgetcorp.example")
    kept(world, start, ray, ClientRequestSource="edgeWorkerFetch")
    kept(world, start + timedelta(seconds=1), ray)
    # In the same second as the first: only one of the two can be the delivered one.
    kept(world, start + 3 * MILLISECOND, ray)
    received(pushed(start, ray, ClientRequestSource="eyeball"))

    facts = filled(raytrail, start, 1)

    assert (facts["records"], facts["already_held"]) == (7, 1)
    assert rays(Path("data")) == [ray] * 7


def test_a_held_request_never_matches_a_different_request(
    raytrail: Command, world: World, start: datetime
) -> None:
    ray = "8f0e1d2c3b4a5968"
    kept(world, start, ray, ClientRequestURI="/browse/EXP-2")
    kept(world, start, ray, ClientRequestMethod="POST")
    kept(world, start, ray, ClientRequestHost="wiki.widgetcorp.example")
    kept(world, start, ray, ClientRequestSource="edgeWorkerFetch")
    kept(world, start - timedelta(seconds=1), ray)
    kept(world, start, "another")
    received(*[pushed(start, ray, ClientRequestSource="eyeball", Copy=copy) for copy in range(9)])

    facts = filled(raytrail, start, 1)

    assert (facts["records"], facts["already_held"]) == (6, 0)


def test_requests_that_differ_only_in_milliseconds_are_told_apart(
    raytrail: Command, world: World, start: datetime
) -> None:
    ray = "8f0e1d2c3b4a5968"
    kept(world, start + 1 * MILLISECOND, ray)
    kept(world, start + 2 * MILLISECOND, ray)
    at = to_text(start + 2 * MILLISECOND)[:23] + "Z"
    received(record(EdgeStartTimestamp=at, EdgeEndTimestamp=at, RayID=ray))

    facts = filled(raytrail, start, 1)

    assert (facts["records"], facts["already_held"]) == (2, 1)
    # A repeated backfill finds that both are held.
    assert filled(raytrail, start, 1, "--again")["already_held"] == 2
    assert rays(Path("data")) == [ray] * 2


def test_rows_without_a_ray_id_or_start_are_reported(
    raytrail: Command, world: World, start: datetime
) -> None:
    kept(world, start, "a")
    received({**pushed(start, "a"), "RayID": None}, pushed(start, "b"))

    facts = filled(raytrail, start, 1)

    assert (facts["already_held"], facts["incomparable"], facts["batches"]) == (0, 1, 1)
    (entry,) = entries(Path("data"), "backfill")
    assert entry.payload["incomparable"] == 1


def test_a_window_with_too_large_an_answer_is_requested_in_halves(
    raytrail: Command, world: World, start: datetime
) -> None:
    world.logpull.records_max = 3
    for minute in range(0, 60, 5):
        kept(world, start + timedelta(minutes=minute), f"{minute:016x}")

    facts = filled(raytrail, start, 1)

    assert facts["requests"] > facts["windows"] > 1
    assert (facts["records"], len(rays(Path("data")))) == (12, 12)
    spans = [entry.payload for entry in entries(Path("data"), "backfill")]
    assert sum(each["records"] for each in spans) == 12
    assert spans[0]["since"] == to_text(start)
    assert [each["until"] for each in spans[:-1]] == [each["since"] for each in spans[1:]]


def test_an_answer_that_breaks_off_in_any_words_leaves_no_entry_and_no_row(
    raytrail: Command, world: World, start: datetime
) -> None:
    world.logpull.records_max, world.logpull.broken_off = 0, b"Error Streaming Data"
    # Received in the first second, so that no span before it is answered.
    kept(world, start - timedelta(minutes=1), "a" * 16)
    period = ("--since", to_text(start), "--until", to_text(start + timedelta(hours=1)))

    ended = raytrail("backfill", "--zone", ZONE_NAME, *period, "--data", "data")

    assert ended.returncode != 0
    assert "break off" in ended.stderr
    assert entries(Path("data"), "backfill") == []
    assert rays(Path("data")) == []


def test_a_failed_run_continues_after_its_last_hour(
    raytrail: Command, world: World, start: datetime
) -> None:
    for minute in range(0, 180, 10):
        kept(world, start + timedelta(minutes=minute), f"{minute:016x}")
    whole = filled(raytrail, start, 1)
    world.troubles += [Trouble("/logs/received", 401)]

    stopped = filled(raytrail, start, 3, status=3)
    resumed = filled(raytrail, start, 3)

    assert "Logs: Read" in stopped["error"]
    assert whole["windows"] == 1
    assert (resumed["windows"], resumed["windows_done_before"]) == (2, 1)
    assert rays(Path("data")) == [f"{minute:016x}" for minute in range(0, 180, 10)]
    assert [entry.payload["zone_id"] for entry in entries(Path("data"), "backfill")] == [
        ZONE_ID
    ] * 3


def test_a_run_killed_between_batch_and_entry_stores_nothing_twice(
    raytrail: Command, world: World, start: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        kept(world, start, f"{number:016x}")
    with monkeypatch.context() as patch:
        patch.setattr("store.registers.fetches.enter", _killed)
        with pytest.raises(Killed):
            filled(raytrail, start, 1)

    facts = filled(raytrail, start, 1)

    assert (facts["records"], facts["already_held"], facts["batches"]) == (5, 5, 0)
    assert len(rays(Path("data"))) == 5


def test_disabled_log_retention_is_reported_with_how_to_enable_it(
    raytrail: Command, world: World, start: datetime
) -> None:
    world.logpull.retained = False

    error = filled(raytrail, start, 1, status=2)["error"]

    assert "log retention is off" in error
    assert f"POST /zones/{ZONE_ID}/logs/control/retention/flag" in error


def test_a_period_outside_logpulls_limits_is_refused_without_a_request(
    raytrail: Command, world: World, start: datetime
) -> None:
    old = filled(raytrail, start - timedelta(days=8), status=2)
    new = filled(raytrail, system_clock() - timedelta(minutes=2), status=2)

    assert "keeps 7 days" in old["error"]
    assert "older than 5 minutes" in new["error"]
    assert world.requests == []


def test_a_backfill_whose_start_is_empty_is_refused(raytrail: Command, world: World) -> None:
    ended = raytrail("backfill", "--zone", ZONE_NAME, "--since", "", "--data", "data")

    assert ended.returncode == 2
    assert "--since: " in ended.stderr
    assert world.requests == []


def test_the_result_is_shown_as_text(raytrail: Command, world: World, start: datetime) -> None:
    kept(world, start, "a")
    since = ("--since", to_text(start), "--until", to_text(start + timedelta(hours=1)))

    first = raytrail("backfill", "--zone", ZONE_ID, *since, "--data", "data")
    second = raytrail("backfill", "--zone", ZONE_ID, *since, "--data", "data")

    assert "1 record fetched, 0 of them already stored" in first.stdout
    assert "1 hour fetched before and skipped; see --again" in second.stdout


def _killed(*_: object) -> None:
    raise Killed
