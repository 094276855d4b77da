"""The claims of docs/setup.md are true."""

from pathlib import Path

import pytest

from raytrail.doctor.cloudflare import CERTIFICATE_DAYS_MIN, CLOCK_SECONDS_MAX
from raytrail.doctor.logpush_job import SILENCE_MAX, SILENCE_NOTED
from raytrail.settings import TOKEN_CHARACTERS_GOOD
from store.registers import tokens
from upstream import permissions
from upstream.logpush import desired_state

SETUP = (Path(__file__).parents[2] / "docs" / "setup.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "claim",
    [
        f"`timestamp_format` | `{desired_state.TIMESTAMP_FORMAT}`",
        f"| `max_upload_bytes` | {desired_state.UPLOAD_BYTES_MAX:,};",
        f"{desired_state.UPLOAD_RECORDS_MAX:,} and {desired_state.UPLOAD_SECONDS_MAX}, in a new job",
        f"phase `{desired_state.PHASE}`",
        f"| `{desired_state.USER_HEADER}` | request |",
        f"`{desired_state.NAME_PREFIX}<dataset>`",
        f"fewer than {tokens.CHARACTERS_MIN} characters is ignored",
        f"fewer than {TOKEN_CHARACTERS_GOOD} characters |",
        f"less than {CERTIFICATE_DAYS_MIN} days left",
        f"more than {CLOCK_SECONDS_MAX:.0f} s away",
        *(
            f"| `{dataset}` | job of the {desired_state.scope(dataset)} |"
            for dataset in desired_state.DATASETS
        ),
    ],
)
def test_numbers_and_names_in_the_docs_are_those_of_the_code(claim: str) -> None:
    assert claim in SETUP


def test_the_limits_of_silence_are_a_day_and_an_hour() -> None:
    assert (SILENCE_MAX.total_seconds(), SILENCE_NOTED.total_seconds()) == (86_400, 3_600)
    assert "nothing for a day; a note after an hour" in SETUP


@pytest.mark.parametrize(
    "permission",
    [
        permissions.ZONE_READ,
        permissions.LOGS_WRITE,
        permissions.PII_READ,
        permissions.ZONE_RULESETS_WRITE,
        permissions.ACCOUNT_READ,
    ],
)
def test_every_permission_that_an_error_may_name_is_explained(permission: str) -> None:
    assert f"| {permission}" in SETUP


def test_every_option_that_is_set_is_documented() -> None:
    for name in (*desired_state.JOB_OPTIONS, *desired_state.SPELLED_OUT):
        assert f"`{name}`" in SETUP or name == "enabled"
