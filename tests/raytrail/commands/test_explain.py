"""`raytrail explain` answers from the store, and asks Cloudflare only where a token is set."""

import json
from pathlib import Path
from typing import Any

import pytest

from store.store import Store
from tests.cloudflare_api.world import TOKEN, World
from tests.command import Command
from tests.factories import gzipped, load, login, ndjson, record, send

RAY = "8f0e1d2c3b4a5968"


@pytest.fixture
def data(store: Store) -> Path:
    """A store with one request, which its origin refused."""
    refused = record(EdgeResponseStatus=403, OriginResponseStatus=403)
    send(store, gzipped(ndjson(refused)))
    load(store)
    return store.layout.root


def missing(told: dict[str, Any]) -> dict[str, str]:
    return {each["source"]: each["why"] for each in told["missing"]}


def test_a_refusal_by_the_origin_is_explained_without_a_token(
    raytrail: Command, data: Path
) -> None:
    told = raytrail("explain", f"{RAY.upper()}-LHR", "--data", data)
    whole = json.loads(raytrail("explain", RAY, "--json", "--data", data).stdout)

    assert told.returncode == 0
    assert "The origin itself answered 403" in told.stdout
    assert "no API token is set" in told.stdout
    [request] = whole["requests"]
    assert request["decision"]["answered_by"] == "origin"
    assert request["request"]["seen_at"] == "2026-11-20T09:51:07.000000Z"
    assert "RAYTRAIL_CLOUDFLARE_TOKEN" in missing(whole)["Cloudflare"]


def test_the_exit_status_tells_that_nothing_has_the_ray_id(raytrail: Command, data: Path) -> None:
    ended = raytrail("explain", "0" * 16, "--json", "--data", data)

    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert told["found"] is False
    assert "2026-11-20" in missing(told)["http_requests"]


def test_the_former_name_is_an_alias_that_the_help_hides(raytrail: Command, data: Path) -> None:
    explained, former = (
        raytrail(*name, RAY, "--data", data) for name in (("explain",), ("logins", "ray"))
    )

    # Standard error may tell that something is slow.
    assert former[:2] == explained[:2]
    assert "ray" not in raytrail("logins", "--help").stdout.split()


def test_cloudflare_is_asked_about_the_hour_of_the_request(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    """The store judges the request again with what Cloudflare tells, and keeps it."""
    # The request is older than what the stand-in keeps by default.
    world.access.not_older_than = world.access.not_older_than * 40
    world.access.events.append(
        {
            "datetime": "2026-11-20T09:51:07Z",
            "cfRayId": RAY,
            "isSuccessfulLogin": 1,
            "approvingPolicyId": "policy-1",
            "ipAddress": "192.0.2.17",
        }
    )

    told = json.loads(raytrail("explain", RAY, "--json", "--data", data).stdout)

    [request] = told["requests"]
    access = next(each for each in request["layers"] if each["name"] == "access")
    assert access["text"] == "Access let in this request from 192.0.2.17."
    assert "Cloudflare" not in missing(told)
    assert raytrail("load", "--data", data).returncode == 0
    again = raytrail("explain", RAY, "--data", data)
    assert "Policy policy-1 let it in." in again.stdout


def test_a_refused_token_leaves_the_answer_of_the_store(
    world: World, cloudflare: str, raytrail: Command, data: Path
) -> None:
    world.permissions = frozenset()

    ended = raytrail("explain", RAY, "--data", data)

    assert ended.returncode == 0
    assert "The origin itself answered 403" in ended.stdout
    assert "Cloudflare: could not be asked for its login event" in ended.stdout
    assert TOKEN not in ended.stdout + ended.stderr


def test_a_login_under_another_spelling_of_the_name_is_found(
    raytrail: Command, data: Path, store: Store
) -> None:
    logged = login(
        Email="SRhea", AppDomain="jira.widgetcorp.example", CreatedAt="2026-11-20T08:00:00Z"
    )
    send(store, gzipped(ndjson(logged)), "access_requests")
    load(store)

    told = json.loads(raytrail("explain", RAY, "--json", "--data", data).stdout)
    exact = json.loads(raytrail("explain", RAY, "--exactly", "--json", "--data", data).stdout)

    [request], [other] = told["requests"], exact["requests"]
    assert request["login"]["user_id"] == "SRhea"
    assert [each["grade"] for each in request["person"]["names"]] == ["asked", "equal"]
    assert other["login"] is None


def test_a_rejected_line_and_a_record_of_an_undocumented_dataset_are_found(
    raytrail: Command, data: Path, store: Store
) -> None:
    """A Worker's trace has the Ray ID inside of another field."""
    trace = {"EventTimestampMs": 1795168267000, "Event": {"RayID": RAY.upper()}}
    send(store, gzipped(ndjson(trace)), "workers_trace_events")
    send(store, gzipped(f'{{"RayID": "{"1" * 16}", \n'.encode()), "http_requests")
    load(store)

    told = raytrail("explain", RAY, "--data", data)
    broken = json.loads(raytrail("explain", "1" * 16, "--json", "--data", data).stdout)

    assert "workers_trace_events: extra" in told.stdout
    [line] = broken["others"]
    assert (line["dataset"], line["record"]["sent_to"]) == ("rejected", "http_requests")
    assert broken["found"] is True
