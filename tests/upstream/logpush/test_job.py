"""Jobs of whatever age and maker become values, and their messages tell no secret."""

from typing import Any

import pytest

from upstream.errors import ApiChanged
from upstream.logpush.job import MESSAGE_LETTERS_MAX, Job


def read(**told: Any) -> Job:
    return Job.read({"id": 1, "dataset": "http_requests", "destination_conf": "", **told})


def test_a_job_of_the_older_kind_tells_its_fields_and_what_it_does_to_them() -> None:
    older = "fields=RayID,ClientIP&timestamps=rfc3339&sample=0.1&CVE-2021-44228=true"

    job = read(logpull_options=older, output_options=None)

    assert job.selected == ("RayID", "ClientIP")
    assert job.output["timestamp_format"] == "rfc3339"
    assert job.output["sample_rate"] == 0.1
    assert job.output["CVE-2021-44228"] is True


@pytest.mark.parametrize("older", [None, "", "sample=much", "fields="])
def test_a_job_that_says_nothing_selects_nothing(older: str | None) -> None:
    assert read(logpull_options=older).selected == ()


def test_newer_options_win_over_older_ones() -> None:
    job = read(logpull_options="fields=RayID", output_options={"field_names": ["ClientIP"]})

    assert job.selected == ("ClientIP",)


def test_a_message_is_cut_and_repeats_no_secret() -> None:
    secret = "a%2Fsecret"
    address = f"https://logs.example.com/logpush?header_Authorization=Bearer%20{secret}"

    job = read(
        destination_conf=address, error_message=f"{address} a/secret Bearer a/secret {'x' * 999}"
    )

    assert "secret" not in job.error_message
    assert len(job.error_message) == MESSAGE_LETTERS_MAX
    assert "secret" not in repr(job)


@pytest.mark.parametrize("told", [{"id": None}, {"id": "abc"}])
def test_a_job_without_an_id_is_not_of_the_documented_shape(told: dict[str, Any]) -> None:
    with pytest.raises(ApiChanged, match="Logpush job"):
        read(**told)
