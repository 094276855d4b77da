"""Access applications: remembered over time, and a name graded by what they covered then."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from store.catalog import ledger
from store.intake.limits import IntakeLimits
from store.store import Store
from store.timestamps import system_clock, to_text
from tests.cloudflare_api.applications import application
from tests.cloudflare_api.world import EVERY_PERMISSION, World
from tests.command import Command
from tests.factories import NO_RESERVE, gzipped, ndjson, record, send

HOST = "jira.widgetcorp.example"


@pytest.fixture(autouse=True)
def _store() -> None:
    with Store.create(Path("data"), system_clock, IntakeLimits(reserve=NO_RESERVE)):
        pass


def pulled(raytrail: Command) -> dict[str, Any]:
    ended = raytrail("applications", "pull", "--data", "data", "--json")
    assert ended.returncode == 0, ended.stderr
    facts: dict[str, Any] = orjson.loads(ended.stdout)
    return facts


def listed(raytrail: Command, at: str = "") -> list[dict[str, Any]]:
    asked = ("--at", at) if at else ()
    ended = raytrail("applications", "list", "--data", "data", "--json", *asked)
    assert ended.returncode == 0, ended.stderr
    return [orjson.loads(line) for line in ended.stdout.splitlines()]


def graded(raytrail: Command, *requests: dict[str, Any]) -> list[str]:
    """The grade of each request, in order of time."""
    with Store.open(Path("data"), system_clock) as store:
        send(store, gzipped(ndjson(*requests)))
    assert raytrail("load", "--data", "data").returncode == 0
    ended = raytrail("trail", "--data", "data", "--user", "srhea", "--json")
    assert ended.returncode == 0, ended.stderr
    return [orjson.loads(line)["identity"] for line in ended.stdout.splitlines()]


def request(at: str, uri: str = "/", host: str = HOST) -> dict[str, Any]:
    return record(
        EdgeStartTimestamp=at, EdgeEndTimestamp=at, ClientRequestURI=uri, ClientRequestHost=host
    )


def test_every_page_is_pulled_and_reported_once(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.page_rows_max = 2
    world.applications.listed = [application(id=str(number)) for number in range(5)]

    first, second = pulled(raytrail), pulled(raytrail)

    assert (first["listed"], first["added"]) == (5, ["0", "1", "2", "3", "4"])
    assert (second["listed"], second["added"], second["changed"]) == (5, [], [])
    assert [each["id"] for each in listed(raytrail)] == ["0", "1", "2", "3", "4"]


def test_a_server_that_ignores_the_page_parameter_causes_no_endless_loop(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.ignores_page = True
    world.applications.listed = [application()]

    assert pulled(raytrail)["listed"] == 1


def test_a_missing_permission_is_named(raytrail: Command, cloudflare: str, world: World) -> None:
    world.permissions = EVERY_PERMISSION - {"access apps"}

    ended = raytrail("applications", "pull", "--data", "data")

    assert ended.returncode == 3
    assert "'Access: Apps and Policies: Read'" in ended.stderr


def test_a_pull_of_applications_is_a_ledger_entry(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.listed = [application(id="a"), application(id="b")]
    pulled(raytrail)
    world.applications.listed = [application(id="a", name="Jira, renamed")]
    facts = pulled(raytrail)

    with Store.open(Path("data"), system_clock) as store, store.catalog.read() as connection:
        told = [entry for entry in ledger.walk(connection) if entry.kind == "applications"]
    assert [len(entry.payload["added"]) for entry in told] == [2, 0]
    assert [each["name"] for each in told[1].payload["changed"]] == ["Jira, renamed"]
    assert told[1].payload["gone"] == ["b"]
    assert told[1].sequence == facts["sequence"]
    assert (facts["changed"], facts["gone"]) == (["a"], ["b"])


def test_applications_are_listed_as_of_a_point_in_time(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    renamed_at = to_text(system_clock() - timedelta(days=1))
    world.applications.listed = [application(created_at="2026-03-01T00:00:00Z")]
    pulled(raytrail)
    world.applications.listed = [
        application(name="Tickets", updated_at=renamed_at, created_at="2026-03-01T00:00:00Z")
    ]
    pulled(raytrail)

    assert listed(raytrail, "2026-02-28") == []
    assert [each["name"] for each in listed(raytrail, "2026-03-01")] == ["Jira"]
    assert [each["name"] for each in listed(raytrail)] == ["Tickets"]
    assert listed(raytrail)[0]["since"] == renamed_at
    ended = raytrail("applications", "list", "--data", "data")
    assert ended.stdout.startswith("Tickets (self_hosted, ")
    assert f"covers {HOST}, since {renamed_at}" in ended.stdout


def test_a_host_confirms_users_since_it_is_protected(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.listed = [application(created_at="2026-03-01T00:00:00Z")]
    pulled(raytrail)

    found = graded(
        raytrail, request("2026-02-28T23:59:59Z"), request("2026-03-01T00:00:00Z"), request("")
    )

    assert found == ["unconfirmed", "access", "unconfirmed"]


def test_a_host_whose_application_was_deleted_confirms_no_user(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.listed = [application()]
    pulled(raytrail)
    world.applications.listed = []
    pulled(raytrail)
    later = to_text(system_clock() + timedelta(minutes=1))

    assert graded(raytrail, request("2026-04-01T00:00:00Z"), request(later)) == [
        "access",
        "unconfirmed",
    ]


def test_the_report_grades_a_host_by_all_its_requests(
    raytrail: Command, cloudflare: str, world: World
) -> None:
    world.applications.listed = [
        application(destinations=[{"type": "public", "uri": f"{HOST}/app"}]),
        application(id="b", destinations=[{"type": "public", "uri": "*.other.example"}]),
    ]
    pulled(raytrail)
    at = "2026-11-20T09:00:00Z"
    graded(
        raytrail,
        request(at, "/app/1"),
        request(at, "/elsewhere"),
        request(at, "/", "wiki.other.example"),
    )

    ended = raytrail("report", "--data", "data", "--user", "srhea", "--json")

    report = orjson.loads(ended.stdout)
    assert {each["value"]: each["identity"] for each in report["hosts"]["shown"]} == {
        HOST: "unconfirmed",
        "wiki.other.example": "access",
    }
    pages = report["sessions"]["shown"][0]["steps"]
    assert {page["uri"]: page["identity"] for page in pages if page["host"] == HOST} == {
        "/app/1": "access",
        "/elsewhere": "unconfirmed",
    }
