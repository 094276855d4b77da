"""`raytrail shell` and `raytrail doctor` where the views cannot answer."""

import json
import os
import shutil
from pathlib import Path

import pytest

from store.files.layout import Layout
from store.store import Store
from tests.command import Command
from tests.factories import SHELL, gzipped, load, ndjson, record, send


@pytest.fixture
def published(store: Store) -> Layout:
    send(store, gzipped(ndjson(record())))
    load(store)
    store.publish(SHELL)
    return store.layout


def of_shell(raytrail: Command, folder: Path) -> list[dict[str, str]]:
    found = json.loads(raytrail("doctor", "--json", "--data", str(folder)).stdout)["findings"]
    return [each for each in found if each["about"] == "shell"]


def test_a_shell_is_refused_in_a_copied_folder_until_it_has_published(
    raytrail: Command, published: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(published.root, tmp_path / "copy", symlinks=True)
    started: list[str] = []
    monkeypatch.setattr(os, "execve", lambda _program, command, _env: started.extend(command))

    refused = raytrail("shell", "--data", str(copy))
    [finding] = of_shell(raytrail, copy)
    assert started == []
    raytrail("load", "--data", str(copy))
    raytrail("shell", "--data", str(copy))

    assert refused.returncode == 2
    assert f"was published as {published.audit}" in refused.stderr
    assert "`raytrail load`" in refused.stderr
    assert finding["grade"] == "wrong"
    assert f"was published as {published.audit}" in finding["text"]
    assert started[-1] == str(copy / "audit.duckdb")
    assert of_shell(raytrail, copy) == []


def test_doctor_reports_the_log_of_a_shell_that_could_write(
    raytrail: Command, published: Layout
) -> None:
    before = of_shell(raytrail, published.root)
    published.audit_log.unlink()
    published.audit_log.write_bytes(b"left")

    [finding] = of_shell(raytrail, published.root)

    assert before == []
    assert finding["text"].startswith("audit.duckdb.wal was left")
    assert "fsck --repair" in finding["helps"]


def test_commands_publish_for_the_path_at_which_analysts_see_the_folder(
    raytrail: Command, published: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAYTRAIL_SHELL_ROOT", "/srv/raytrail")
    started: list[str] = []
    monkeypatch.setattr(os, "execve", lambda _program, command, _env: started.extend(command))

    [before] = of_shell(raytrail, published.root)
    raytrail("load", "--data", str(published.root))
    raytrail("shell", "--data", str(published.root))

    assert "and not as" in before["text"]
    assert " and /srv/raytrail/audit.duckdb" in before["text"]
    assert of_shell(raytrail, published.root) == []
    assert started[-1] == str(published.audit), "it answers here too"
