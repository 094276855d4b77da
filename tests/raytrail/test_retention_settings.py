"""Limits in days from the environment and `.env`: any dataset's name, and no slip unnoticed."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raytrail.errors import BadConfiguration
from raytrail.retention_settings import parse_days
from raytrail.settings import Settings
from store.lifetimes import DAYS_MAX, Lifetimes


def test_by_default_rows_are_kept_for_ever_and_raw_bodies_for_thirty_days() -> None:
    assert Settings.read().lifetimes() == Lifetimes(raw=30, others=None, datasets={})


def test_every_dataset_may_have_a_limit_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTION", "90d")
    monkeypatch.setenv("RAYTRAIL_RETENTION_RAW", "forever")
    monkeypatch.setenv("RAYTRAIL_RETENTION_HTTP_REQUESTS", "400d")
    monkeypatch.setenv("RAYTRAIL_RETENTION_REJECTED", "1d")
    monkeypatch.setenv("RAYTRAIL_RETENTION_DNS_LOGS", "forever")

    assert Settings.read().lifetimes() == Lifetimes(
        raw=None, others=90, datasets={"http_requests": 400, "rejected": 1, "dns_logs": None}
    )


def test_limits_come_from_a_file_too_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = ("RETENTION=90d", "RETENTION_RAW=7d", "RETENTION_DNS_LOGS=5d", "RETENTION_REJECTED=2d")
    (tmp_path / ".env").write_text("".join(f"RAYTRAIL_{line}\n" for line in lines))
    monkeypatch.setenv("RAYTRAIL_RETENTION_DNS_LOGS", "6d")

    assert Settings.read().lifetimes() == Lifetimes(
        raw=7, others=90, datasets={"dns_logs": 6, "rejected": 2}
    )


@pytest.mark.parametrize("suffix", ["", "_RAW", "_HTTP_REQUESTS", "_REJECTED"])
@pytest.mark.parametrize(
    "value", ["", "0d", "400", "4w", "-1d", "1.5d", "1d 1d", "ever", "\u0661d"]
)
def test_an_invalid_limit_is_refused_with_the_name_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, suffix: str, value: str
) -> None:
    monkeypatch.setenv(f"RAYTRAIL_RETENTION{suffix}", value)

    with pytest.raises(BadConfiguration, match=f"^RAYTRAIL_RETENTION{suffix}: .*such as 400d"):
        Settings.read()


@pytest.mark.parametrize(
    "name", ["", "HTTP__", "SELECT", "HTTP-REQUESTS", "9", "REQUESTS", "<DATASET>"]
)
def test_an_invalid_dataset_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"RAYTRAIL_RETENTION_{name}", "4d")
    if name == "HTTP__":  # A name like any other.
        assert Settings.read().lifetimes().datasets == {"http__": 4}
        return

    with pytest.raises(
        BadConfiguration, match=f"^RAYTRAIL_RETENTION_{name}: .*invalid dataset name"
    ):
        Settings.read()


def test_all_invalid_limits_are_reported_together(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("RAYTRAIL_RETENTION_DNS_LOGS\nRAYTRAIL_RETENTION_RAW=x\n")
    monkeypatch.setenv("RAYTRAIL_RETENTION_SELECT", "y")
    monkeypatch.setenv("RAYTRAIL_PORT", "z")

    with pytest.raises(BadConfiguration) as refused:
        Settings.read()

    told = {line.partition(":")[0] for line in str(refused.value).splitlines()}
    names = ("PORT", "RETENTION_RAW", "RETENTION_DNS_LOGS", "RETENTION_SELECT")
    assert told == {f"RAYTRAIL_{name}" for name in names}


@pytest.mark.parametrize("days", [1, DAYS_MAX])
def test_the_smallest_and_the_largest_number_of_days_are_accepted(days: int) -> None:
    assert parse_days(f"{days}d") == days
    for wrong in (0, DAYS_MAX + 1):
        with pytest.raises(ValueError, match=f"1d to {DAYS_MAX}d"):
            parse_days(f"{wrong}d")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=8) | st.from_regex(r"[0-9]+d?", fullmatch=True))
def test_any_text_is_either_a_number_of_days_or_for_ever_or_refused(text: str) -> None:
    try:
        days = parse_days(text)
    except ValueError:
        return

    assert text == "forever" if days is None else f"{days}d" == text.lstrip("0")
