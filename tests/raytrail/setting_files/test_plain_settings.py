"""Settings that are read plainly are those that pydantic reads."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from raytrail.errors import BadConfiguration
from raytrail.setting_files import plain_settings
from raytrail.setting_files.plain_settings import NUMBERS, PATHS, TEXTS, PlainSettings
from raytrail.setting_names import BESIDE
from raytrail.settings import Settings


def whole() -> PlainSettings:
    """What pydantic reads, in the form of plain settings."""
    read = Settings.read()
    return PlainSettings(
        data=read.data,
        catalog=read.catalog,
        access_hosts=read.access_hosts,
        session_minutes=read.session_minutes,
        time_zone=read.time_zone,
        people=read.people,
        path_templates=read.path_templates,
        findings=read.findings,
        cloudflare_account=read.cloudflare_account,
        cloudflare_token=read.cloudflare_token.get_secret_value(),
        cloudflare_token_file=read.cloudflare_token_file,
        reserve_bytes=read.reserve_bytes,
        reserve_percent=read.reserve_percent,
    )


def test_without_settings_there_are_the_defaults() -> None:
    assert plain_settings.read() == PlainSettings() == whole()


def test_every_plain_name_is_that_of_a_setting_or_stands_beside_them() -> None:
    beside = {name.removeprefix("RAYTRAIL_").lower() for name in BESIDE}

    assert Settings.model_fields.keys() | beside >= TEXTS | PATHS | NUMBERS.keys()


@pytest.mark.parametrize("setting", sorted(TEXTS | PATHS))
def test_each_plain_setting_is_read_as_pydantic_reads_it(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"RAYTRAIL_{setting.upper()}", " Some, text\twith=signs ")

    assert plain_settings.read() == whole()


@pytest.mark.parametrize("setting", NUMBERS)
def test_a_number_between_the_limits_is_read_as_pydantic_reads_it(
    setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in NUMBERS[setting]:
        monkeypatch.setenv(f"RAYTRAIL_{setting.upper()}", str(number))
        assert plain_settings.read() == whole()
    for text in (
        str(NUMBERS[setting][0] - 1),
        str(NUMBERS[setting][1] + 1),
        "07",
        "1.5",
        " 7",
        "٣",
    ):
        monkeypatch.setenv(f"RAYTRAIL_{setting.upper()}", text)
        assert plain_settings.read() is None


def test_the_url_of_a_catalog_is_read_as_pydantic_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("", " ", "postgresql://raytrail:secret@db.example:5433/raytrail?sslmode=require"):
        monkeypatch.setenv("RAYTRAIL_CATALOG", text)

        assert plain_settings.read() == whole()


def test_a_store_is_opened_with_the_same_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("0", "77"):
        read = plain_settings.read()
        assert read is not None
        assert read.intake_limits() == Settings.read().intake_limits()
        assert read.shell_options() == Settings.read().shell_options()
        monkeypatch.setenv("RAYTRAIL_RESERVE_BYTES", text)
        monkeypatch.setenv("RAYTRAIL_RESERVE_PERCENT", text)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "# a comment\n\nRAYTRAIL_DATA=/srv/of-file\nOTHER=x\nRAYTRAIL_TIME_ZONE=Europe/Prague\n"
    Path(".env").write_text(lines, encoding="utf-8")
    monkeypatch.setenv("RAYTRAIL_DATA", "/srv/of-environment")

    read = plain_settings.read()

    assert read == whole()
    assert read is not None
    assert (read.data, read.time_zone) == (Path("/srv/of-environment"), "Europe/Prague")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RAYTRAIL_DATA", ""),
        ("RAYTRAIL_SESSION_MINUTES", "45"),
        ("RAYTRAIL_RETENTION", "400d"),
        ("RAYTRAIL_DATTA", "/srv"),
        ("raytrail_data", "/srv"),
        ("RAYTRAIL_SHELL_ROOT", "/srv"),
        ("RAYTRAIL_PORT", "tcp://10.0.0.1:8080"),
        ("RAYTRAIL_ACCESS_HOSTS", "\udcff"),
    ],
)
def test_what_has_a_rule_belongs_to_pydantic(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)

    assert plain_settings.read() is None


@pytest.mark.parametrize(
    "line",
    [
        "RAYTRAIL_DATA='/srv'",
        "RAYTRAIL_DATA=${HOME}",
        "export RAYTRAIL_DATA=/srv",
        "RAYTRAIL_DATA = /srv",
        "RAYTRAIL_DATA",
        "RAYTRAIL_DATA=/srv # where it lies",
        "RAYTRAIL_ACCESS_HOSTS=zoë",
    ],
)
def test_an_unusual_line_of_the_file_belongs_to_pydantic(line: str) -> None:
    Path(".env").write_text(f"{line}\n", encoding="utf-8")

    assert plain_settings.read() is None


def test_a_file_that_is_no_file_or_too_large_belongs_to_pydantic() -> None:
    Path(".env").write_text("#" * plain_settings.FILE_BYTES_MAX, encoding="utf-8")
    assert plain_settings.read() == PlainSettings()
    Path(".env").write_text("#" * (plain_settings.FILE_BYTES_MAX + 1), encoding="utf-8")
    assert plain_settings.read() is None
    Path(".env").unlink()
    Path(".env").mkdir()
    assert plain_settings.read() is None


NAMES = [f"RAYTRAIL_{name.upper()}" for name in (*sorted(TEXTS | PATHS), *NUMBERS, "port", "nope")]
LINES = st.lists(
    st.one_of(
        st.builds("=".join, st.tuples(st.sampled_from(NAMES), st.text(max_size=8))),
        st.builds(
            "=".join, st.tuples(st.sampled_from(NAMES), st.from_regex(r"[a-z/,=#'\" ]{0,8}"))
        ),
        st.sampled_from(["", "#", "# RAYTRAIL_DATA=/srv", "OTHER=1", "=", "A"]),
    ),
    max_size=4,
)


@given(LINES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.properties
def test_no_file_is_read_otherwise_than_pydantic_would(lines: list[str]) -> None:
    try:
        Path(".env").write_text("\n".join(lines), encoding="utf-8")
    except UnicodeEncodeError:
        return
    if (read := plain_settings.read()) is not None:
        try:
            assert read == whole()
        except BadConfiguration as error:
            raise AssertionError from error
