"""What somebody has changed at Cloudflare is found, explained, entered once, and mended."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from raytrail.doctor import cloudflare as doctor_cloudflare
from raytrail.doctor.finding import Grade
from raytrail.doctor.headers import COSTS
from raytrail.settings import Settings
from store.catalog import ledger
from store.files.layout import Layout
from store.store import Store
from store.timestamps import Clock, system_clock
from tests.cloudflare_api.rulesets import PHASE
from tests.cloudflare_api.world import ZONE_ID, World
from tests.command import Command
from tests.service import TOKEN as INGEST_TOKEN
from tests.service import Service
from tests.tls import DAYS, self_signed, serving

Job = dict[str, Any]

ONE = ("--dataset", "http_requests")


@pytest.fixture(autouse=True)
def _site(destination: Service, cloudflare: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Layout(destination.data).tokens.unlink(missing_ok=True)
    monkeypatch.setenv("RAYTRAIL_DATA", str(destination.data))
    monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", destination.url)
    monkeypatch.setenv("RAYTRAIL_TOKENS", INGEST_TOKEN)


def examined(raytrail: Command) -> tuple[int, list[dict[str, Any]]]:
    ended = raytrail("doctor", "--json")
    return ended.returncode, json.loads(ended.stdout)["findings"]


def wrong(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [each for each in findings if each["grade"] == "wrong"]


def http_job(world: World) -> Job:
    return next(job for job in world.logpush.every() if job["dataset"] == "http_requests")


def drifts(service: Service) -> list[Any]:
    with (
        Store.open(service.data, system_clock) as store,
        store.catalog.read() as connection,
    ):
        return [entry.payload for entry in ledger.walk(connection) if entry.kind == "drift"]


def set_option(name: str, value: Any) -> Callable[[World], None]:
    def plant(world: World) -> None:
        http_job(world)["output_options"][name] = value

    return plant


def set_job(name: str, value: Any) -> Callable[[World], None]:
    return lambda world: http_job(world).update({name: value})


def without_field(world: World) -> None:
    http_job(world)["output_options"]["field_names"].remove("RequestHeaders")


def without_custom_field(world: World) -> None:
    world.rulesets.put(ZONE_ID, PHASE, [])


PLANTED: list[tuple[Callable[[World], None], str, str]] = [
    (set_job("enabled", False), "enabled is False", "never sends these records later"),
    (set_job("filter", '{"where":{}}'), "filter is", "never sent"),
    (set_job("filter_attack_traffic", True), "filter_attack_traffic is True", "attacks"),
    (set_job("transformer_id", "t1"), "transformer_id is 't1'", "redacted"),
    (set_job("max_upload_bytes", 1_000_000_000), "max_upload_bytes is", "then refused"),
    (set_option("sample_rate", 0.1), "sample_rate is 0.1", "share"),
    (set_option("timestamp_format", "rfc3339"), "timestamp_format is 'rfc3339'", "less precise"),
    (set_option("CVE-2021-44228", True), "CVE-2021-44228 is True", "rewritten"),
    (set_option("output_type", "csv"), "output_type is 'csv'", "rejected"),
    (set_option("record_template", "{{.RayID}}"), "record_template is", "form"),
    (without_field, "field_names lacks RequestHeaders", "trails are empty"),
    (without_custom_field, "lacks cf-access-user", "trails are empty"),
]


def test_every_changed_setting_is_found_and_repaired(raytrail: Command, world: World) -> None:
    assert raytrail("setup", *ONE).returncode == 0
    for plant, _, _ in PLANTED:
        plant(world)

    status, found = examined(raytrail)

    assert status == 1
    assert len(wrong(found)) == len(PLANTED)
    for _, text, means in PLANTED:
        (finding,) = (each for each in wrong(found) if text in each["text"])
        assert means in finding["means"]
        assert finding["helps"] == "`raytrail setup`"
    assert raytrail("setup", *ONE).returncode == 0
    status, found = examined(raytrail)
    assert (status, wrong(found)) == (0, [])


def test_a_job_without_response_headers_cannot_tell_files(raytrail: Command, world: World) -> None:
    raytrail("setup", *ONE)
    http_job(world)["output_options"]["field_names"].remove("ResponseHeaders")

    _, found = examined(raytrail)

    [finding] = wrong(found)
    assert finding["text"].endswith("field_names lacks ResponseHeaders")
    assert "a file behind a link" in finding["means"]
    assert raytrail("setup", *ONE).returncode == 0
    assert "ResponseHeaders" in http_job(world)["output_options"]["field_names"]


@pytest.mark.parametrize(
    "plant",
    [
        set_job("enabled", False),
        set_option("sample_rate", 0.1),
        without_field,
        without_custom_field,
    ],
)
def test_a_single_changed_setting_is_found(
    raytrail: Command, world: World, plant: Callable[[World], None]
) -> None:
    raytrail("setup", *ONE)
    plant(world)

    status, found = examined(raytrail)

    assert (status, len(wrong(found))) == (1, 1)


def test_each_header_that_is_not_logged_is_a_note_with_its_cost(
    raytrail: Command, world: World
) -> None:
    raytrail("setup", *ONE)
    user = {"request_fields": [{"name": "cf-access-user"}, {"name": "sec-fetch-site"}]}
    rule = {"action": "log_custom_field", "expression": "true", "action_parameters": user}
    world.rulesets.put(ZONE_ID, PHASE, [rule])

    status, found = examined(raytrail)

    notes = {each["text"].split()[1]: each for each in found if each["about"] == "field"}
    assert (status, wrong(found)) == (0, [])
    assert set(notes) == {*COSTS} - {"sec-fetch-site"}
    assert "fetched ahead" in notes["sec-purpose"]["means"]
    assert {each["means"] for each in notes.values()} < {*COSTS.values()}
    assert {each["helps"] for each in notes.values()} == {"`raytrail setup`"}
    assert raytrail("setup", *ONE).returncode == 0
    _, found = examined(raytrail)
    [fine] = (each for each in found if each["about"] == "field")
    assert fine["grade"] == "fine"


def test_headers_without_room_are_notes_and_setup_has_nothing_to_do(
    raytrail: Command, world: World
) -> None:
    names = [{"name": "cf-access-user"}, *({"name": f"x-{number}"} for number in range(98))]
    rule = {"action": "log_custom_field", "expression": "true"}
    world.rulesets.put(ZONE_ID, PHASE, [rule | {"action_parameters": {"request_fields": names}}])

    first, again = raytrail("setup", *ONE), raytrail("setup", *ONE)
    status, found = examined(raytrail)

    assert (first.returncode, again.returncode, status) == (0, 0, 0)
    assert "without sec-fetch-dest, sec-fetch-mode" in first.stdout
    assert "no room for sec-fetch-dest, sec-fetch-mode" in again.stdout
    assert again.stdout.splitlines()[-1] == "nothing to do"
    notes = [each for each in found if each["about"] == "field" and each["grade"] == "note"]
    assert len(notes) == 4
    assert all("there is no room" in each["text"] for each in notes)
    assert all("remove a custom field" in each["helps"] for each in notes)


def test_a_drift_is_entered_when_it_begins_and_when_it_ends(
    raytrail: Command, world: World, destination: Service
) -> None:
    raytrail("setup", *ONE)
    examined(raytrail)
    before = len(drifts(destination))
    set_option("sample_rate", 0.25)(world)

    examined(raytrail)
    examined(raytrail)
    raytrail("setup", *ONE)
    examined(raytrail)

    began, ended = drifts(destination)[before:]
    missing = {"what": "firewall_events", "missing": True}
    assert [each.get("before") for each in began["found"]] == [0.25, None]
    assert ended == {"place": ZONE_ID, "found": [missing]}


def test_without_differences_every_check_is_reported_as_fine(raytrail: Command) -> None:
    raytrail("setup")

    _, found = examined(raytrail)

    fine = {each["about"] for each in found if each["grade"] == "fine"}
    assert {"clock", "tokens", "field", "job", "endpoint"} <= fine
    assert "accepts the test upload of 3 jobs" in str(found)


def test_before_the_first_setup_everything_is_reported_missing(raytrail: Command) -> None:
    status, found = examined(raytrail)

    assert status == 1
    grades = {each["dataset"]: each["grade"] for each in found if each["about"] == "job"}
    assert grades == {
        "http_requests": "wrong",
        "firewall_events": "note",
        "access_requests": "note",
    }


def test_a_failing_or_silent_job_is_reported(raytrail: Command, world: World) -> None:
    raytrail("setup", *ONE)
    secret = http_job(world)["destination_conf"].partition("%20")[2]
    yesterday = datetime.now(UTC) - timedelta(hours=25)
    http_job(world).update(
        last_error="2026-11-27T00:00:00Z",
        error_message=f"error pushing to ...Bearer%20{secret}: 503",
        last_complete=yesterday.isoformat().replace("+00:00", "Z"),
    )

    status, found = examined(raytrail)

    told = {each["about"]: each for each in wrong(found)}
    assert status == 1
    assert told["failing"]["text"].endswith("error pushing to ...***: 503")
    assert "nothing since" in told["silent"]["text"]
    assert secret not in str(found)


def test_two_jobs_for_the_same_dataset_are_reported(raytrail: Command, world: World) -> None:
    raytrail("setup", *ONE)
    world.logpush.add(("zones", ZONE_ID), **{**http_job(world), "name": "again"})

    status, found = examined(raytrail)

    assert status == 1
    assert [each["about"] for each in wrong(found)] == ["doubled"]


def test_fields_that_this_version_does_not_know_are_only_a_note(
    raytrail: Command, world: World
) -> None:
    world.logpush.fields["http_requests"]["QuantumScore"] = "int; new"
    raytrail("setup", *ONE)

    status, found = examined(raytrail)

    assert status == 0
    (note,) = (each for each in found if each["about"] == "newer")
    assert "QuantumScore" in note["text"]


def test_a_missing_read_permission_is_reported_and_recorded(
    raytrail: Command, world: World, destination: Service
) -> None:
    raytrail("setup", *ONE)
    world.permissions -= {"rulesets", "pii"}

    status, found = examined(raytrail)

    recorded = [each for drift in drifts(destination) for each in drift["found"]]
    assert {"what": "custom_field", "withheld": True} in recorded

    assert status == 1
    (needed,) = wrong(found)
    assert "rulesets" in needed["text"]
    (note,) = (each for each in found if each["dataset"] == "access_requests")
    assert (note["grade"], "PII" in note["text"]) == ("note", True)


def test_the_certificate_of_the_public_url_is_checked(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pem = self_signed(tmp_path)
    with serving(pem) as url:
        monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", url)
        _, untrusted = examined(raytrail)
        monkeypatch.setenv("SSL_CERT_FILE", str(pem.certificate))
        _, trusted = examined(raytrail)
        later = doctor_cloudflare.examine(Settings.read(), tmp_path, in_(days=DAYS - 5))
        expiring = {each.about: each for each in later}

    told = {each["about"]: each for each in wrong(untrusted)}
    assert "self-signed certificate" in told["tls"]["text"]
    assert "certificate is not trusted" in told["endpoint"]["text"]
    assert {"tls", "endpoint"} <= {each["about"] for each in trusted if each["grade"] == "fine"}
    assert expiring["tls"].grade is Grade.WRONG
    assert "4 days left" in expiring["tls"].text or "5 days left" in expiring["tls"].text
    assert expiring["clock"].grade is Grade.WRONG


def in_(days: int) -> Clock:
    return lambda: system_clock() + timedelta(days=days)


def test_an_unreachable_service_is_reported(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_PUBLIC_URL", "http://127.0.0.1:9")

    _, found = examined(raytrail)

    assert "endpoint" in {each["about"] for each in wrong(found)}


def test_a_weak_token_is_reported_and_not_shown(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_TOKENS", "hunter2-hunter2")
    monkeypatch.delenv("RAYTRAIL_CLOUDFLARE_TOKEN")

    status, found = examined(raytrail)

    assert status == 1
    assert [each["about"] for each in wrong(found)] == ["tokens"]
    assert "hunter2" not in str(found)
    (note,) = (each for each in found if each["about"] == "upstream")
    assert (note["grade"], note["text"]) == ("note", "Cloudflare was not checked")


def test_an_api_that_refuses_the_token_is_one_finding(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_TOKEN", "a-wrong-token")

    status, found = examined(raytrail)

    assert status == 1
    assert [each["about"] for each in wrong(found)] == ["upstream"]
    assert "a-wrong-token" not in str(found)
