"""`raytrail coverage` finds missing records, and reports no loss where counts are unknown."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from completeness.canaries import LOST_AFTER
from completeness.counts import CLOCKS_APART, LATE, RETRIED_MAX
from completeness.verdicts import SETTLED_AFTER
from queries.completeness.visits_held import EDGE
from raytrail.commands.service import compaction
from store.catalog import ledger
from store.lifetimes import Lifetimes
from store.retention.retention import Retention
from store.store import Store
from store.timestamps import system_clock, to_text
from tests.cloudflare_api.analytics import UPLOADS, VISITS, Bounds
from tests.cloudflare_api.world import ZONE_ID, ZONE_NAME, World
from tests.command import Command
from tests.completeness.planted import HOUR, SECRET, Planted
from tests.factories import Clock, login

Coverage = Callable[..., tuple[int, dict[tuple[int, int], dict[str, Any]]]]


@pytest.fixture
def planted(world: World, store: Store, clock: Clock, cloudflare: str) -> Planted:
    return Planted(world, store, clock)


@pytest.fixture
def coverage(raytrail: Command, planted: Planted) -> Coverage:
    """Run the command: its exit status, and the result for each (job, hours ago)."""

    def run(*arguments: str) -> tuple[int, dict[tuple[int, int], dict[str, Any]]]:
        since = to_text(planted.hour(10))
        data = planted.store.layout.root
        done = raytrail("coverage", "--data", data, "--since", since, "--json", *arguments)
        assert done.returncode in {0, 1}, done.stderr
        found = json.loads(done.stdout)
        assert found["wrong"] == (done.returncode == 1)
        return done.returncode, {
            (job["job"], (planted.hour(0) - moment(hour["hour"])) // HOUR): hour
            for job in found["jobs"]
            for hour in job["hours"]
        }

    return run


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def entries(store: Store, kind: str) -> list[dict[str, Any]]:
    with store.catalog.read() as connection:
        return [dict(entry.payload) for entry in ledger.of_kinds(connection, (kind,), 0)]


def test_the_json_names_the_job_its_place_and_every_fact_of_an_hour(
    planted: Planted, raytrail: Command
) -> None:
    planted.job()
    planted.traffic(5)
    data, since = planted.store.layout.root, to_text(planted.hour(5))

    done = raytrail("coverage", "--data", data, "--since", since, "--json")

    [job] = json.loads(done.stdout)["jobs"]
    [hour, *_] = job.pop("hours")
    assert job == {
        "dataset": "http_requests",
        "job": 1,
        "place": ZONE_NAME,
        "enabled": True,
        "last_complete": to_text(planted.now),
    }
    assert (hour["hour"], hour["verdict"], hour["missing"]) == (since, "complete", None)
    assert hour.keys() == {
        *("hour", "verdict", "missing", "why", "received", "uploads", "visits", "visits_held")
    }


def test_an_hour_with_every_record_is_complete(planted: Planted, coverage: Coverage) -> None:
    planted.job()
    planted.traffic(6, 5, 4)

    status, hours = coverage()

    assert status == 0
    assert {ago: hours[1, ago]["verdict"] for ago in (6, 5, 4)} == dict.fromkeys(
        (6, 5, 4), "complete"
    )
    assert hours[1, 5]["received"] == {"batches": 1, "records": 3, "bytes": pytest.approx(300, 300)}
    assert hours[1, 5]["uploads"]["delivered_records"] == 3
    assert (hours[1, 5]["visits"]["lower"], hours[1, 5]["visits_held"]) == (3, 3)


@pytest.mark.parametrize("status", [200, 500])
def test_a_gap_is_found_and_complete_once_the_batch_arrives(
    planted: Planted, coverage: Coverage, status: int
) -> None:
    """Whether Cloudflare counts the upload as failed or as delivered."""
    planted.job()
    planted.traffic(6, 4)
    lost = planted.uploaded(planted.hour(5) + HOUR / 3, 7, status=status)

    found, hours = coverage()

    assert found == 1
    assert (hours[1, 5]["verdict"], hours[1, 5]["missing"]) == ("partial", 7)
    assert ("failed for good" in hours[1, 5]["why"]) == (status == 500)
    assert {hours[1, ago]["verdict"] for ago in (6, 4)} == {"complete"}

    planted.came(lost, system_clock())
    planted.load()
    found, hours = coverage()

    assert found == 0
    assert hours[1, 5]["verdict"] == "complete"
    told = [hour for entry in entries(planted.store, "coverage") for hour in entry["hours"]]
    of_gap = [hour for hour in told if hour["since"] == to_text(planted.hour(5))]
    assert [(hour["verdict"], hour["missing"]) for hour in of_gap] == [
        ("partial", 7),
        ("complete", None),
    ]


def test_a_gap_that_an_import_fills_is_complete(
    planted: Planted, coverage: Coverage, raytrail: Command, tmp_path: Path
) -> None:
    planted.job()
    planted.traffic(6, 4)
    lost = planted.uploaded(planted.hour(5) + HOUR / 3, 7)
    archive = tmp_path / "archive" / "http_requests"
    archive.mkdir(parents=True)
    (archive / "20261120T050000Z.log.gz").write_bytes(lost)
    assert coverage()[1][1, 5]["missing"] == 7

    imported = raytrail("import", archive, "--data", planted.store.layout.root)

    assert imported.returncode == 0, imported.stderr
    status, hours = coverage()
    assert (status, hours[1, 5]["verdict"]) == (0, "complete")


@pytest.mark.parametrize("is_folded", [False, True])
def test_an_archive_of_records_that_are_held_fills_no_gap(
    planted: Planted, coverage: Coverage, is_folded: bool
) -> None:
    """The archive has other batches than those received, so none is a duplicate."""
    planted.job()
    at = planted.hour(5) + HOUR / 2
    first, second = planted.uploaded(at, 4), planted.uploaded(at, 4)
    lost = planted.uploaded(at, 6)
    planted.came(first, at)
    planted.came(second, at)
    planted.load()
    archive = gzip.compress(gzip.decompress(first) + gzip.decompress(second))
    planted.came(archive, system_clock())
    planted.load()
    if is_folded:
        # In two days the day of these hours is over, whatever time it is now.
        planted.clock.now = system_clock() + timedelta(days=2)
        compaction.run(planted.store)
        assert planted.store.status().datasets["http_requests"].folded_rows == 8

    assert coverage()[1][1, 5]["missing"] == 6

    planted.came(gzip.compress(gzip.decompress(lost) + gzip.decompress(first)), system_clock())
    planted.load()
    assert coverage()[1][1, 5]["verdict"] == "complete"


def test_a_failed_upload_that_was_retried_is_not_missing(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(5)
    at = planted.hour(5) + HOUR / 2
    planted.world.analytics.uploads.append(
        type(planted.world.analytics.uploads[0])(
            place=ZONE_ID, job=1, at=at, records=3, status=500, final=False
        )
    )

    assert coverage()[1][1, 5]["verdict"] == "complete"


def test_a_second_check_without_news_writes_no_entry(planted: Planted, coverage: Coverage) -> None:
    planted.job()
    planted.traffic(6, 5)

    coverage()
    coverage()

    assert len(entries(planted.store, "coverage")) == 1


def test_a_filtered_job_is_never_complete(planted: Planted, coverage: Coverage) -> None:
    planted.job(filter='{"where":{"key":"ClientRequestHost","operator":"eq","value":"a"}}')
    planted.traffic(5)
    # Analytics count far more requests than such a job sends.
    planted.world.analytics.visits[ZONE_ID][planted.hour(5)] = Bounds(900, 900, 900)

    status, hours = coverage()

    assert status == 0
    assert hours[1, 5]["verdict"] == "cannot_tell"
    assert "it has a filter" in hours[1, 5]["why"]


def test_uploads_of_a_sampled_job_can_be_missing(planted: Planted, coverage: Coverage) -> None:
    planted.job(output_options={"sample_rate": 0.1})
    planted.traffic(5)
    planted.uploaded(planted.hour(5), 4)

    assert coverage()[1][1, 5]["missing"] == 4


def test_records_that_logpush_never_logged_are_missing_by_visits(
    planted: Planted, coverage: Coverage
) -> None:
    """As when Cloudflare itself lost logs: every upload arrived, and yet records are missing."""
    planted.job()
    planted.traffic(5, 4)
    planted.world.analytics.visits[ZONE_ID][planted.hour(5)] = Bounds(10, 10, 10)
    # A number within the bounds of the estimate proves no loss.
    planted.world.analytics.visits[ZONE_ID][planted.hour(4)] = Bounds(4, 2.4, 5.6, interval=10)

    _, hours = coverage()

    assert (hours[1, 5]["verdict"], hours[1, 5]["missing"]) == ("partial", 7)
    assert hours[1, 4]["verdict"] == "complete"


def test_visits_prove_loss_without_upload_counts(planted: Planted, coverage: Coverage) -> None:
    planted.job()
    planted.traffic(5, 4)
    planted.world.analytics.limits[UPLOADS].enabled = False
    planted.world.analytics.visits[ZONE_ID][planted.hour(5)] = Bounds(10, 10, 10)

    _, hours = coverage()

    assert (hours[1, 5]["verdict"], hours[1, 5]["missing"]) == ("partial", 7)
    assert hours[1, 4]["verdict"] == "cannot_tell"
    assert "as many as analytics counted" in hours[1, 4]["why"]


def test_next_to_an_hour_without_a_count_a_gap_is_not_certain(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(6, 5)
    planted.uploaded(planted.hour(6) + HOUR / 2, 4)
    planted.uploaded(planted.hour(5) + HOUR / 2, 4)
    past = system_clock() - planted.hour(6)
    planted.world.analytics.limits[UPLOADS].not_older_than = past + timedelta(minutes=5)
    planted.world.analytics.limits[VISITS].enabled = False

    _, hours = coverage()

    assert "a neighbouring hour is not known" in hours[1, 6]["why"]
    assert hours[1, 5]["missing"] == 4


def test_batches_that_wait_to_be_loaded_may_contain_missing_records(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(5)
    late = planted.uploaded(planted.hour(5), 4)
    planted.came(late, planted.hour(5))

    status, hours = coverage()

    assert status == 0
    assert hours[1, 5]["verdict"] == "cannot_tell"
    assert "wait to be loaded" in hours[1, 5]["why"]
    planted.load()
    assert coverage()[1][1, 5]["verdict"] == "complete"


def test_an_unreadable_batch_may_contain_missing_records(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(5)
    planted.uploaded(planted.hour(5) + HOUR / 2, 4)
    # A body that arrives damaged three times is kept as it is.
    damaged = gzip.compress(b"x" * 99)[:-4]
    for _ in range(3):
        planted.came(damaged, planted.hour(5) + HOUR / 2)

    status, hours = coverage()

    assert status == 0
    assert "cannot be read" in hours[1, 5]["why"]


def test_without_a_count_of_cloudflare_there_is_no_verdict(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(8, 5)
    planted.world.analytics.limits[UPLOADS].not_older_than = timedelta(hours=7)
    planted.world.analytics.limits[VISITS].enabled = False

    _, hours = coverage()
    assert "uploads are not known: Cloudflare keeps" in hours[1, 8]["why"]
    assert hours[1, 5]["verdict"] == "complete"

    planted.world.analytics.limits[UPLOADS].enabled = False
    _, hours = coverage()
    assert "the plan of widgetcorp.example does not have" in hours[1, 8]["why"]


def test_a_verdict_stays_when_cloudflare_no_longer_has_its_count(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.traffic(8)
    lost = planted.uploaded(planted.hour(7) + HOUR / 2, 5)
    assert coverage()[1][1, 7]["missing"] == 5
    for limits in planted.world.analytics.limits.values():
        limits.not_older_than = timedelta(hours=3)

    _, hours = coverage()
    assert hours[1, 8]["verdict"] == "complete"
    assert hours[1, 7]["missing"] == 5

    # A gap can still be filled then, since Cloudflare's count is recorded.
    planted.came(lost, system_clock())
    planted.load()
    assert coverage()[1][1, 7]["verdict"] == "complete"


def test_jobs_of_one_dataset_are_compared_together(planted: Planted, coverage: Coverage) -> None:
    planted.job(1, dataset="firewall_events")
    planted.job(2, dataset="firewall_events")
    for job in (1, 2):
        planted.uploaded(planted.hour(5) + HOUR / 2, 6, job)
        planted.uploaded(planted.hour(4) + HOUR / 2, 6, job)
    planted.uploaded(planted.hour(3) + HOUR / 2, 6, 1)
    planted.uploaded(planted.hour(3) + HOUR / 2, 2, 2, status=500)
    for ago in (5, 4, 3):
        at = planted.hour(ago) + HOUR / 2
        planted.came(planted.body(at, 12 if ago == 5 else 6), at, "firewall_events")
    planted.load()

    _, hours = coverage()

    assert {hours[job, 5]["verdict"] for job in (1, 2)} == {"complete"}
    assert {hours[job, 4]["missing"] for job in (1, 2)} == {6}
    assert "together with job 2" in hours[1, 4]["why"]
    # A failed upload is known to belong to its job.
    assert (hours[1, 3]["verdict"], hours[2, 3]["missing"]) == ("complete", 2)


def test_a_job_that_sends_to_another_host_is_left_out(
    planted: Planted, coverage: Coverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", "https://logs.example.com/")
    planted.job(1)
    planted.job(2, destination_conf="https://elsewhere.example.com/logpush")
    planted.job(3, destination_conf="s3://archive/logs")
    planted.traffic(5)
    planted.uploaded(planted.hour(5), 50, job=2)
    planted.world.analytics.visits[ZONE_ID].clear()

    _, hours = coverage()

    assert {job for job, _ in hours} == {1}
    assert hours[1, 5]["verdict"] == "complete"


def test_rows_deleted_by_retention_are_not_missing(
    planted: Planted, coverage: Coverage, raytrail: Command
) -> None:
    planted.job()
    planted.now -= timedelta(days=2)
    planted.traffic(5)
    since, until = to_text(planted.hour(6)), to_text(planted.hour(3))
    swap = planted.store.file_swap()
    planted.clock.now = system_clock()
    with swap.locked():
        Retention(swap, Lifetimes(others=1)).run(consent_to_all())

    data = planted.store.layout.root
    done = raytrail("coverage", "--data", data, "--since", since, "--until", until, "--json")

    [job] = json.loads(done.stdout)["jobs"]
    hour = job["hours"][1]
    assert (hour["visits_held"], hour["visits"]["lower"]) == (0, 3)
    assert hour["verdict"] == "complete"
    assert "deleted by retention" in hour["why"]


def consent_to_all() -> Any:
    from store.retention.confirmation import Confirmation

    return Confirmation(clock_is_right=True, count=3)


def test_a_dataset_without_a_job_is_shown_with_its_batches(
    planted: Planted, coverage: Coverage
) -> None:
    planted.job()
    planted.came(gzip.compress(json.dumps(login()).encode()), planted.hour(5), "access_requests")
    planted.load()

    _, hours = coverage()

    assert hours[None, 5]["received"]["records"] == 1  # type: ignore[index]
    assert hours[None, 5]["why"] == "no Logpush job that was found sends it here"  # type: ignore[index]


def test_without_a_token_cloudflare_is_not_asked_and_nothing_is_written(
    planted: Planted, coverage: Coverage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAYTRAIL_CLOUDFLARE_TOKEN")
    planted.traffic(5)

    status, hours = coverage()

    assert status == 0
    assert hours[None, 5]["received"]["records"] == 3  # type: ignore[index]
    assert "Cloudflare was not asked" in hours[None, 5]["why"]  # type: ignore[index]
    assert entries(planted.store, "coverage") == []
    assert planted.world.requests == []


def test_the_text_joins_hours_with_the_same_verdict(planted: Planted, raytrail: Command) -> None:
    planted.job()
    planted.traffic(6, 5)
    planted.uploaded(planted.hour(4) + HOUR / 2, 7)
    data, since, until = planted.store.layout.root, planted.hour(6), planted.hour(3)

    done = raytrail(
        "coverage", "--data", data, "--since", to_text(since), "--until", to_text(until)
    )

    assert done.returncode == 1
    assert "http_requests, job 1 of widgetcorp.example" in done.stdout
    first, last = planted.hour(6), planted.hour(4)
    assert f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}  complete" in done.stdout
    assert "partial (7 missing)" in done.stdout
    assert "2 hours complete, 1 partial" in done.stdout


def test_the_secret_of_a_destination_is_never_shown(planted: Planted, raytrail: Command) -> None:
    planted.job()
    planted.traffic(5)

    done = raytrail("coverage", "--data", planted.store.layout.root, "--json")

    told = json.dumps(entries(planted.store, "coverage"))
    assert SECRET not in done.stdout + done.stderr + told


def test_an_unknown_zone_a_bad_period_and_a_wrong_token_are_errors(
    planted: Planted, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = planted.store.layout.root
    assert raytrail("coverage", "--data", data, "--zone", "other.example").returncode == 2
    assert raytrail("coverage", "--data", data, "--since", "2999-01-01").returncode == 2
    assert raytrail("coverage", "--data", data, "--since", "2000-01-01").returncode == 2
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ZONES", "")
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_ACCOUNT", "")
    assert raytrail("coverage", "--data", data).returncode == 3
    planted.world.token = "another"
    assert raytrail("coverage", "--data", data, "--zone", "widgetcorp.example").returncode == 3


def test_the_limits_in_the_docs_are_those_of_the_code() -> None:
    paper = (Path(__file__).parents[2] / "docs" / "coverage.md").read_text(encoding="utf-8")
    minute = timedelta(minutes=1)

    assert f"ended less than {SETTLED_AFTER // minute} minutes ago" in paper
    assert f"within {CLOCKS_APART // minute} minutes of its receipt" in paper
    assert f"within {EDGE // minute} minute of a full hour" in paper
    assert timedelta(hours=1) == LATE
    assert "more than an hour old" in paper
    assert f"more than {RETRIED_MAX // HOUR} hours after its events" in paper
    assert f"not back after {LOST_AFTER // minute} minutes" in paper
