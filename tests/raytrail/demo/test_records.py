"""The demo's batches: repeatable, made up, and odd in exactly the three ways they are meant to be."""

import ipaddress
import json
from pathlib import Path
from typing import Any

import pytest

from raytrail.demo import records as demo_records
from raytrail.demo.record_fields import SHORT

FILES = sorted(demo_records.FOLDER.glob("*.ndjson"))
REQUESTS = [path for path in FILES if path.name.startswith("http_requests")]
DOCUMENTATION = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().removesuffix(b"\n").split(b"\n")


def is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def records(*paths: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in lines(path) if is_json(line)]


def user(record: dict[str, Any]) -> str:
    return str(record["RequestHeaders"].get("cf-access-user", ""))


def agent(record: dict[str, Any]) -> str:
    return str(record["ClientRequestUserAgent"])


def test_the_sample_batches_in_git_are_those_of_the_generator(tmp_path: Path) -> None:
    demo_records.write(tmp_path)

    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in FILES}


def test_the_batches_stay_small_enough_to_read_and_to_keep_in_git() -> None:
    assert [150 <= len(lines(path)) <= 400 for path in REQUESTS] == [True] * 3
    assert sum(path.stat().st_size for path in FILES) < 1_500_000
    assert all(path.read_bytes().endswith(b"}\n") for path in FILES)


def test_each_batch_of_requests_contains_one_invalid_line() -> None:
    cut = [path.name for path in FILES for line in lines(path) if not is_json(line)]
    unknown = [r for r in records(*REQUESTS) if "EdgeGreenEnergyShare" in r]
    mistyped = [r for r in records(*REQUESTS) if r["EdgeResponseStatus"] == "200"]

    assert cut == ["http_requests-3.ndjson"]
    assert (len(unknown), len(mistyped)) == (1, 1)


def test_the_three_batches_write_time_in_three_ways() -> None:
    first, second, third = (records(path)[0]["EdgeStartTimestamp"] for path in REQUESTS)

    assert len(first) == len("2026-11-17T00:00:00Z")
    assert isinstance(second, int)
    assert len(str(second)) == 19
    assert second % 1_000, "without digits below the microsecond this proves little"
    assert len(third) == len("2026-11-18T00:00:00.000Z")


def test_every_address_is_from_a_documentation_range() -> None:
    requests, logins = records(*REQUESTS), records(demo_records.FOLDER / "access_requests-1.ndjson")
    addresses = {r["ClientIP"] for r in requests} | {r["IPAddress"] for r in logins}

    assert [
        address
        for address in addresses
        if not any(ipaddress.ip_address(address) in network for network in DOCUMENTATION)
    ] == []


def test_ray_ids_look_like_ray_ids() -> None:
    ray_ids = [r["RayID"] for r in records(*FILES)]

    assert [ray_id for ray_id in ray_ids if len(ray_id) != 16 or int(ray_id, 16) < 0] == []


def test_a_subrequest_names_the_request_it_served() -> None:
    requests = records(*REQUESTS)
    ray_ids = {r["RayID"] for r in requests}
    fetches = [r for r in requests if r.get("ClientRequestSource") == "edgeWorkerFetch"]

    assert fetches
    assert {r["ParentRayID"] for r in fetches} <= ray_ids


@pytest.mark.parametrize(
    ("host", "protected"),
    [
        ("jira.widgetcorp.example", True),
        ("wiki.widgetcorp.example", True),
        ("www.widgetcorp.example", False),
    ],
)
def test_a_user_is_named_on_every_host_but_logs_in_only_on_protected_ones(
    host: str, protected: bool
) -> None:
    logins = records(demo_records.FOLDER / "access_requests-1.ndjson")
    named = [r for r in records(*REQUESTS) if r["ClientRequestHost"] == host]

    assert "srhea" in {user(r) for r in named}
    assert (host in {r["AppDomain"] for r in logins}) is protected


def test_logins_hold_a_refusal_and_a_logout() -> None:
    logins = records(demo_records.FOLDER / "access_requests-1.ndjson")

    assert [r["Email"] for r in logins if not r["Allowed"]] == ["d.gray@contractor.example"]
    assert [r["Email"] for r in logins if r["Action"] == "logout"] == ["s.rhea@widgetcorp.example"]


def test_srhea_appears_in_two_countries_and_requests_a_hostile_url() -> None:
    srhea = [r for r in records(*REQUESTS) if user(r) == "srhea"]

    inside = [r for r in srhea if r["ClientRequestHost"] != "www.widgetcorp.example"]
    assert {r.get("ClientCountry", "not listed") for r in inside} == {"gb", "sg", "not listed"}
    assert "/search?q=<script>alert(1)</script>" in {r["ClientRequestURI"] for r in inside}


def test_srhea_takes_an_archive_and_deletes_an_attachment() -> None:
    srhea = [r for r in records(*REQUESTS) if user(r) == "srhea"]

    [taken] = (r for r in srhea if r["EdgeResponseBytes"] > 100_000_000)
    assert taken["EdgeResponseContentType"] == "application/zip"
    assert taken["ResponseHeaders"]["content-disposition"].startswith("attachment")
    assert "DELETE" in {r["ClientRequestMethod"] for r in srhea}


def test_each_login_of_srhea_is_followed_by_requests_from_the_same_address() -> None:
    logins = [
        r
        for r in records(demo_records.FOLDER / "access_requests-1.ndjson")
        if (r["Email"], r["Action"]) == ("s.rhea@widgetcorp.example", "login")
    ]
    seen = {
        (r["ClientIP"], r["ClientRequestHost"]) for r in records(*REQUESTS) if user(r) == "srhea"
    }

    assert len(logins) > 4
    assert {(r["IPAddress"], r["AppDomain"]) for r in logins} <= seen


def test_what_browsers_say_is_logged_on_the_second_day_and_not_of_programs() -> None:
    first, second, third = ([r["RequestHeaders"] for r in records(path)] for path in REQUESTS)
    purposes = [each["sec-purpose"] for each in third if "sec-purpose" in each]
    programs = [r for r in records(*REQUESTS) if not agent(r).startswith("Mozilla/")]

    assert {name for each in (*first, *second) for name in each} == {"cf-access-user"}
    assert {each["sec-fetch-dest"] for each in third if "sec-fetch-dest" in each} == {
        "document",
        "empty",
        "image",
        "script",
        "style",
    }
    assert purposes == ["prefetch"]
    assert programs
    assert not any("sec-fetch-dest" in r["RequestHeaders"] for r in programs)


def test_some_records_have_only_the_documented_fields() -> None:
    lengths = [len(r) for r in records(*REQUESTS)]

    assert lengths.count(len(SHORT)) > 20
    assert max(lengths) > 60
