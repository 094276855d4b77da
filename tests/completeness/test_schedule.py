"""A service checks coverage by itself, and logs missing records once."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from completeness.coverage import PERIOD, JobSelection
from completeness.schedule import NOT_JUDGED, REACH, CoverageSchedule
from raytrail.errors import FINE
from raytrail.service.companions import (
    COVERAGE,
    LOGINS,
    ROUND_SECONDS_MAX,
    Companion,
    wanted,
)
from raytrail.settings import Settings
from store.catalog import ledger
from store.files.notices import Notices
from store.store import Store
from store.timestamps import from_text, to_text
from tests.cloudflare_api.world import TOKEN, ZONE_NAME, Trouble, World
from tests.completeness.planted import HOUR, Planted
from tests.edge import Heard
from tests.factories import Clock
from tests.service import running
from upstream.options import ApiOptions


@pytest.fixture
def planted(world: World, store: Store, clock: Clock, cloudflare: str) -> Planted:
    made = Planted(world, store, clock)
    made.job()
    return made


def schedule_of(planted: Planted, url: str, log: Heard) -> CoverageSchedule:
    selection = JobSelection((ZONE_NAME,), "", "")
    return CoverageSchedule(planted.store, log, ApiOptions(token=TOKEN, url=url), selection)


def missing(log: Heard) -> list[tuple[object, object]]:
    return [
        (facts["hour"], facts["missing"])
        for _, event, facts in log.lines
        if event == "records are missing"
    ]


def judged(store: Store) -> list[dict[str, Any]]:
    with store.catalog.read() as connection:
        entries = ledger.of_kinds(connection, ("coverage",), 0)
        return [hour for entry in entries for hour in entry.payload["hours"]]


def test_missing_records_are_logged_once_and_again_when_the_number_changes(
    planted: Planted, cloudflare: str
) -> None:
    log = Heard()
    at_work = schedule_of(planted, cloudflare, log)
    planted.traffic(6, 4)
    planted.uploaded(planted.hour(5) + HOUR / 3, 7)
    planted.clock.now = planted.now

    at_work.once()
    at_work.once()
    assert missing(log) == [(to_text(planted.hour(5)), 7)]

    planted.uploaded(planted.hour(5) + HOUR / 2, 2)
    at_work.once()
    assert missing(log) == [(to_text(planted.hour(5)), 7), (to_text(planted.hour(5)), 9)]


def test_hours_without_a_running_service_are_checked_later(
    planted: Planted, cloudflare: str
) -> None:
    at_work = schedule_of(planted, cloudflare, Heard())
    planted.traffic(60, 50, 40)
    planted.clock.now = planted.hour(55)
    at_work.once()

    planted.clock.now = planted.now
    at_work.once()

    since = min(from_text(hour["since"]) for hour in judged(planted.store))
    until = max(from_text(hour["until"]) for hour in judged(planted.store))
    assert since == planted.hour(55) - PERIOD
    assert until >= planted.hour(2)
    assert all(hour["verdict"] != "partial" for hour in judged(planted.store))


def test_hours_older_than_cloudflares_counts_are_not_checked(
    planted: Planted, cloudflare: str
) -> None:
    at_work = schedule_of(planted, cloudflare, Heard())
    planted.clock.now = planted.now - REACH - 10 * PERIOD
    at_work.once()
    before = len(judged(planted.store))

    planted.clock.now = planted.now
    at_work.once()

    since = min(from_text(hour["since"]) for hour in judged(planted.store)[before:])
    assert planted.now - REACH - HOUR < since <= planted.now - REACH


def test_a_refusal_is_logged_told_and_retried(
    planted: Planted, cloudflare: str, tmp_path: Path
) -> None:
    planted.world.troubles.append(Trouble("/logpush/jobs", 403, "Authentication error"))
    planted.traffic(6)
    planted.clock.now = planted.now
    log = Heard()
    certifies, rounds = schedule_of(planted, cloudflare, log), [1, 2]
    told, seen = Notices(tmp_path / "notices"), list[dict[str, str]]()
    (tmp_path / "notices").mkdir()

    def once() -> None:
        rounds.pop()
        seen.append(told.read())
        if not rounds:
            at_work.stop.set()
        certifies.once()

    at_work = Companion(
        name=COVERAGE, once=once, every=timedelta(0), trouble=NOT_JUDGED, log=log, notices=told
    )

    assert at_work.forever() == FINE
    assert [(level, event) for level, event, _ in log.lines] == [
        ("error", NOT_JUDGED),
        ("info", "hours judged"),
    ]
    later = Notices(told.folder, now=lambda: time.monotonic() + ROUND_SECONDS_MAX + 1)
    assert list(later.read()) == [COVERAGE], "a job that hangs is told after a while"
    [nothing, problem] = seen
    assert nothing == told.read() == {}
    assert problem[COVERAGE].startswith("hours not judged: ")


def test_coverage_needs_a_zone_or_an_account(
    cloudflare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wanted(Settings.read()) == (LOGINS, COVERAGE)

    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ZONES", "")
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ACCOUNT", "")

    assert wanted(Settings.read()) == (LOGINS,)


@pytest.mark.service
def test_a_service_checks_coverage(planted: Planted, cloudflare: str) -> None:
    planted.traffic(6, 4)
    settings = {
        "RAYTRAIL_CLOUDFLARE_URL": cloudflare,
        "RAYTRAIL_CLOUDFLARE_TOKEN": TOKEN,
        "RAYTRAIL_CLOUDFLARE_ZONES": ZONE_NAME,
        "NO_PROXY": "127.0.0.1",
    }
    with running(planted.store.layout.root, **settings) as service:
        told = service.wait_for("hours judged")
        assert COVERAGE in service.pids().values()
        assert service.stop() == 0

    assert told["sequence"]
    assert "complete" in {hour["verdict"] for hour in judged(planted.store)}
    assert COVERAGE not in service.pids().values(), "it ends with the service"
