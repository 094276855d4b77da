"""Names of settings: a misspelt one is refused with the nearest, names of others are left alone."""

import contextlib
from pathlib import Path

import pytest

from raytrail import setting_names
from raytrail.commands.setup.setup import fresh_token
from raytrail.errors import BadConfiguration
from raytrail.settings import TOKEN_CHARACTERS_GOOD, Settings
from tests.command import Command
from tests.service import get, running

MISSPELT = {
    "RAYTRAIL_RETENTON": "did you mean RAYTRAIL_RETENTION?",
    "RAYTRAIL_TOKEN": "did you mean RAYTRAIL_TOKENS?",
    "RAYTRAIL_HTTP_PORT": "did you mean RAYTRAIL_PORT?",
    "RAYTRAIL_RETENTION_HTTP_REQUEST": "did you mean RAYTRAIL_RETENTION_HTTP_REQUESTS?",
    "RAYTRAIL_RETENTION_REJECTD": "did you mean RAYTRAIL_RETENTION_REJECTED?",
    "RAYTRAIL_RETENTION_DAYS": "RAYTRAIL_RETENTION=400d",
    "RAYTRAIL_XYZZY": "docs/settings.md lists all settings",
}
OF_OTHERS = {
    "RAYTRAIL_DOMAIN": "logs.widgetcorp.example",
    "RAYTRAIL_DECODER": "python",
    "RAYTRAIL_PORT": "tcp://10.0.0.7:8080",
    "RAYTRAIL_PORT_8080_TCP": "tcp://10.0.0.7:8080",
    "RAYTRAIL_PORT_8080_TCP_ADDR": "10.0.0.7",
    "RAYTRAIL_PORT_8080_TCP_PORT": "8080",
    "RAYTRAIL_PORT_8080_TCP_PROTO": "tcp",
    "RAYTRAIL_SERVICE_HOST": "10.0.0.7",
    "RAYTRAIL_SERVICE_PORT": "8080",
    "RAYTRAIL_SERVICE_PORT_HTTP": "8080",
    "RAYTRAIL_WEB_SERVICE_HOST": "10.0.0.8",
    "RAYTRAIL_WEB_PORT": "tcp://10.0.0.8:80",
    "RAYTRAIL_WEB_PORT_80_TCP_ADDR": "10.0.0.8",
    # Of a service named `raytrail-retention`: no limit of a dataset `port`.
    "RAYTRAIL_RETENTION_PORT": "tcp://10.0.0.9:80",
    "RAYTRAIL_RETENTION_SERVICE_HOST": "10.0.0.9",
}
NEW_DATASETS = ("RAYTRAIL_RETENTION_AUDIT_LOGS_V3", "RAYTRAIL_RETENTION_TUNNEL_HEALTH_CHECKS")


@pytest.mark.parametrize(("name", "hint"), MISSPELT.items())
def test_a_command_refuses_a_misspelt_setting_with_the_nearest_name(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch, name: str, hint: str
) -> None:
    monkeypatch.setenv(name, "30d")

    status, _, err = raytrail("status")

    assert status == 3
    assert err.startswith(f"raytrail: {name}: ")
    assert hint in err
    assert "30d" not in err.replace("400d", "")


def test_a_misspelt_setting_in_the_file_is_refused_too(raytrail: Command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RAYTRAIL_RETENTON_RAW=7d\n")

    status, _, err = raytrail("status")

    assert (status, "did you mean RAYTRAIL_RETENTION_RAW?" in err) == (3, True)


def test_wrong_values_and_unknown_names_are_reported_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAYTRAIL_RETENTON", "30d")
    monkeypatch.setenv("RAYTRAIL_TOKEN", "secret-token")
    monkeypatch.setenv("RAYTRAIL_WORKERS", "many")

    with pytest.raises(BadConfiguration) as refused:
        Settings.read()

    told = {line.partition(":")[0] for line in str(refused.value).splitlines()}
    assert told == {"RAYTRAIL_RETENTON", "RAYTRAIL_TOKEN", "RAYTRAIL_WORKERS"}
    assert "secret-token" not in str(refused.value)


def test_names_of_our_deployment_and_of_kubernetes_are_no_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in OF_OTHERS.items():
        monkeypatch.setenv(name, value)

    found = Settings.read()

    assert found.port == 8080
    assert dict(found.retention_of_datasets) == {}


def test_a_port_that_kubernetes_made_does_not_hide_the_port_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("RAYTRAIL_PORT=9000\n")
    monkeypatch.setenv("RAYTRAIL_PORT", "tcp://10.0.0.7:8080")

    assert Settings.read().port == 9000


@pytest.mark.parametrize("name", NEW_DATASETS)
def test_a_dataset_that_cloudflare_adds_later_may_have_a_limit(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "30d")

    assert len(Settings.read().retention_of_datasets) == 1


def test_every_setting_is_known() -> None:
    of_retention = ("retention_rejected", "retention_dns_logs", "retention_access_requests")
    names = [f"raytrail_{field}" for field in (*Settings.model_fields, *of_retention)]

    assert setting_names.unknown(names, Settings.model_fields) == ()


@pytest.mark.service
def test_a_service_starts_with_misspelt_settings_and_thresholds_and_reports_them(
    tmp_path: Path,
) -> None:
    lines = tmp_path / "findings.txt"
    lines.write_text("travel.miles = 3\n", encoding="utf-8")
    with running(
        tmp_path / "data", RAYTRAIL_RETENTON="30d", RAYTRAIL_FINDINGS=str(lines)
    ) as service:
        logged = service.wait_for("unknown setting")
        wrong = service.wait_for("wrong setting")
        short = service.wait_for("a token is short")
        answer = get(service, "/health")

    assert (
        logged["problem"] == "RAYTRAIL_RETENTON: unknown setting; did you mean RAYTRAIL_RETENTION?"
    )
    assert (logged["level"], wrong["level"]) == ("warning", "error")
    assert "line 1: no rule has a threshold 'travel.miles'" in wrong["problem"]
    assert (short["level"], short["characters_wanted"]) == ("warning", TOKEN_CHARACTERS_GOOD)
    assert answer.status_code == 200
    told = [{"code": "settings", "text": each["problem"]} for each in (logged, wrong)]
    assert answer.json()["degraded"] == told


def test_a_service_reports_everything_that_is_missing_at_once(
    raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_TOKENS", "short,töken-with-a-letter-outside-ascii")
    monkeypatch.setenv("RAYTRAIL_CLOUDFLARE_TOKEN_FILE", "missing")
    monkeypatch.setenv("RAYTRAIL_CANARY_URL", "app.widgetcorp.example")
    monkeypatch.setenv("RAYTRAIL_CANARY_CLIENT_ID", "id")

    status, _, err = raytrail("serve", "--data", "data")

    assert status == 3
    assert [line.removeprefix("raytrail: ").partition(":")[0] for line in err.splitlines()] == [
        "RAYTRAIL_TOKENS",
        "RAYTRAIL_TOKENS",
        "RAYTRAIL_CLOUDFLARE_TOKEN_FILE",
        "RAYTRAIL_CANARY_URL",
        "RAYTRAIL_CANARY_CLIENT_ID and RAYTRAIL_CANARY_CLIENT_SECRET",
    ]
    assert not Path("data").exists()


def test_a_setup_without_settings_names_all_that_it_needs(raytrail: Command) -> None:
    status, _, err = raytrail("setup")

    assert status == 3
    for name in ("CLOUDFLARE_TOKEN", "PUBLIC_URL", "CLOUDFLARE_ZONES"):
        assert f"RAYTRAIL_{name}: " in err


@pytest.mark.parametrize(("characters", "status"), [(7, 3), (8, 0), (31, 0), (32, 0)])
def test_a_short_token_stays_valid(
    monkeypatch: pytest.MonkeyPatch, characters: int, status: int
) -> None:
    monkeypatch.setenv("RAYTRAIL_TOKENS", "t" * characters)
    settings = Settings.read()

    with contextlib.nullcontext() if status == 0 else pytest.raises(BadConfiguration):
        assert settings.receiver_options().tokens == ("t" * characters,)
    assert settings.has_weak_token() == (characters < TOKEN_CHARACTERS_GOOD)


def test_setup_makes_no_short_token() -> None:
    assert len(fresh_token()) >= TOKEN_CHARACTERS_GOOD
