"""How long files wait for open shells, and where analysts see the data folder."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from raytrail.errors import BadConfiguration
from raytrail.settings import Settings
from store.catalog import removals
from store.fsck.views_check import check_views
from store.intake.limits import IntakeLimits
from store.reading.shell.options import GRACE_MIN, ShellOptions
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock


def test_by_default_files_wait_for_a_day_and_the_folder_has_its_own_path() -> None:
    assert Settings.read().shell_options() == ShellOptions(root=None, grace=timedelta(hours=24))


@pytest.mark.parametrize(("text", "hours"), [("1h", 1), ("36h", 36), (" 2d ", 48)])
def test_the_grace_is_given_in_hours_or_days(
    monkeypatch: pytest.MonkeyPatch, text: str, hours: int
) -> None:
    monkeypatch.setenv("RAYTRAIL_SHELL_GRACE", text)
    monkeypatch.setenv("RAYTRAIL_SHELL_ROOT", "/srv/raytrail")

    expected = ShellOptions(root=Path("/srv/raytrail"), grace=timedelta(hours=hours))
    assert Settings.read().shell_options() == expected


@pytest.mark.parametrize("text", ["0h", "24", "30m", "1.5h", "-1h", "٢h", "forever"])
def test_a_grace_that_is_too_short_or_unclear_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("RAYTRAIL_SHELL_GRACE", text)

    with pytest.raises(BadConfiguration, match=r"^RAYTRAIL_SHELL_GRACE: .*such as 24h or 2d"):
        Settings.read()


def test_a_relative_path_of_the_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAYTRAIL_SHELL_ROOT", "data")

    with pytest.raises(BadConfiguration, match=r"^RAYTRAIL_SHELL_ROOT: .*absolute"):
        Settings.read()


def test_the_least_grace_is_that_of_files_that_no_shell_reads() -> None:
    assert GRACE_MIN == removals.GRACE


def test_a_shell_knows_the_path_templates_of_the_settings_and_fsck_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = tmp_path / "paths.txt"
    paths.write_text("wiki.example /display/{space}/{title}\n")
    monkeypatch.setenv("RAYTRAIL_PATH_TEMPLATES", str(paths))
    options = Settings.read().shell_options()
    limits = IntakeLimits(reserve=NO_RESERVE)
    with Store.create(tmp_path / "data", Clock(), limits, options) as store:
        store.publish(SHELL)
        with duckdb.connect(str(store.layout.audit), read_only=True) as audit:
            question = "SELECT host_path_template('wiki.example', '/display/HR/Plans')"
            assert audit.execute(question).fetchone() == ("/display/{space}/{title}",)

        assert list(check_views(store, SHELL)) == []
        paths.write_text("no template\n")
        assert [each.path for each in check_views(store, SHELL)] == [
            "audit.duckdb/macro main.configured_template"
        ]
        store.publish(SHELL)
        assert list(check_views(store, SHELL)) == []
