"""Jobs with older and newer options are read, and never show a secret."""

from datetime import datetime
from typing import Any

import pytest

from tests.cloudflare_api.world import ACCOUNT_ID, TOKEN, ZONE_ID, ZONE_NAME, World
from upstream.connection import Connection
from upstream.errors import ApiChanged
from upstream.logpush.destination import MESSAGE_CHARACTERS_MAX
from upstream.logpush.job import Job, jobs, jobs_of_dataset, read_job
from upstream.options import ApiOptions
from upstream.place import Account, Zone

ZONE = Zone("z", "widgetcorp.example", Account("a", "Widget Corp"))


def read(**answer: Any) -> Job:
    return read_job(ZONE, {"id": 1, "dataset": "http_requests", "destination_conf": "", **answer})


def test_older_options_are_read() -> None:
    older = "fields=RayID,ClientIP&timestamps=rfc3339&sample=0.1&CVE-2021-44228=true"

    job = read(logpull_options=older, output_options=None)

    assert job.fields == ("RayID", "ClientIP")
    assert job.output["timestamp_format"] == "rfc3339"
    assert job.output["sample_rate"] == 0.1
    assert job.output["CVE-2021-44228"] is True


@pytest.mark.parametrize("older", [None, "", "sample=much", "fields="])
def test_a_job_without_options_selects_no_fields(older: str | None) -> None:
    assert read(logpull_options=older).fields == ()


def test_newer_options_take_precedence_over_older_ones() -> None:
    job = read(logpull_options="fields=RayID", output_options={"field_names": ["ClientIP"]})

    assert job.fields == ("ClientIP",)


def test_a_message_is_cut_at_its_end_and_contains_no_secret() -> None:
    secret = "a%2Fsecret"
    address = f"https://logs.example.com/logpush?header_Authorization=Bearer%20{secret}"

    job = read(
        destination_conf=address, error_message=f"{address} a/secret Bearer a/secret {'x' * 999}"
    )

    assert "secret" not in job.error_message
    assert len(job.error_message) == MESSAGE_CHARACTERS_MAX
    assert job.error_message.startswith("https://logs.example.com/logpush?")
    assert "secret" not in repr(job)


@pytest.mark.parametrize("told", [{"id": None}, {"id": "abc"}])
def test_a_job_without_an_id_is_an_undocumented_answer(told: dict[str, Any]) -> None:
    with pytest.raises(ApiChanged, match="Logpush job"):
        read(**told)


def test_no_secret_of_the_destination_is_shown() -> None:
    secret = "a-secret-of-the-destination"
    address = f"https://Logs.Example.com/logpush/t/{secret}?header_X={secret}"

    job = read(destination_conf=address, last_complete="2026-11-22T09:59:00+01:00")

    assert secret not in repr(job)
    assert job.destination.host == "logs.example.com"
    assert job.last_complete == datetime(2026, 11, 22, 8, 59)  # noqa: DTZ001 (UTC)


@pytest.mark.parametrize("address", ["r2://bucket/logs", "s3://bucket/logs?region=us", ""])
def test_a_destination_that_is_not_http_has_no_host(address: str) -> None:
    assert read(destination_conf=address).destination.host == ""


def test_every_job_of_a_place_is_listed_by_id(world: World, api_url: str) -> None:
    place = Zone(ZONE_ID, ZONE_NAME, Account(ACCOUNT_ID, ""))
    for number, dataset in ((9, "http_requests"), (8, "firewall_events")):
        job = {"id": number, "dataset": dataset, "destination_conf": "https://x.example"}
        world.logpush.jobs.setdefault(("zones", ZONE_ID), []).append(job)

    with Connection(ApiOptions(token=TOKEN, url=api_url, tries=1)) as connection:
        assert [each.id for each in jobs(connection, place)] == [8, 9]
        assert [each.id for each in jobs_of_dataset(connection, place, "http_requests")] == [9]


@pytest.mark.parametrize(
    ("reason", "answer"),
    [
        (None, {"output_options": {"sample_rate": 1, "CVE-2021-44228": False}, "filter": ""}),
        (None, {"logpull_options": "fields=RayID&sample=1"}),
        ("sampled: 0.1 of", {"output_options": {"sample_rate": 0.1}}),
        ("sampled: 0.1 of", {"logpull_options": "fields=RayID&sample=0.1"}),
        ("sample rate 'much'", {"logpull_options": "fields=RayID&sample=much"}),
        ("filter", {"filter": '{"where":{"key":"BotScore","operator":"lt","value":30}}'}),
        ("attack traffic", {"filter_attack_traffic": True}),
        ("transformer", {"transformer_id": "7f"}),
        ("Log4j", {"output_options": {"CVE-2021-44228": True}}),
        ("template", {"output_options": {"record_template": "{{.RayID}}"}}),
    ],
)
def test_every_setting_that_reduces_what_is_sent_is_reported(
    reason: str | None, answer: dict[str, Any]
) -> None:
    found = read(**answer).reductions

    assert len(found) == (reason is not None)
    assert reason is None or reason in found[0]
