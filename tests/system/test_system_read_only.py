"""Questions are answered on a data folder that cannot be written, and on a copy of one."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from raytrail.service.log import configure
from store.files import durable, notices
from store.intake.limits import IntakeLimits
from store.live_loading import LiveLoading
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, ndjson, old_store, record, send

QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("trail", "--user", "srhea", "--json"),
    ("report", "--user", "srhea"),
    ("sql", "SELECT count(*) FROM http_requests"),
    ("status",),
    ("hold", "list"),
    ("applications", "list"),
    ("stray", "list"),
    ("fsck",),
    ("erase", "--user", "srhea", "--check"),
    ("erase", "--user", "srhea", "--dry-run"),
    ("retain", "--dry-run"),
)
# `--check` finds the person, and `--dry-run` would erase somebody.
ANSWERED = {0, 1}


@contextmanager
def unwritable(folder: Path, place: Path) -> Iterator[Path]:
    """The folder where nothing can be written: another mount of it, or one without permission."""
    if os.geteuid():
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode & 0o555)
        yield folder
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
        return
    place.mkdir()
    if shutil.which("mount") is None or _mount("--bind", str(folder), str(place)):
        pytest.skip("NO MOUNT: a read-only folder was not tried")
    try:
        assert _mount("-o", "remount,ro,bind", str(place)) == 0
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def _mount(*arguments: str) -> int:
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode


def filled(folder: Path) -> Path:
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record())))
        LiveLoading(store, configure("test"), SHELL).until_drained()
    return folder


def rays(raytrail: Command, folder: Path) -> list[str]:
    ended = raytrail("trail", "--user", "srhea", "--json", "--data", folder)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line)["ray_id"] for line in ended.stdout.splitlines()]


def killed(folder: Path) -> None:
    """As a killed process leaves the catalog: its last commits are in the log only."""
    held = folder.with_name("held")
    with Store.open(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(record(RayID="2"))))
        loader = store.loader()
        loader.load_next()
        shutil.copytree(folder, held, symlinks=True)
    shutil.rmtree(folder)
    held.rename(folder)


def killed_without_its_shared_memory(folder: Path) -> None:
    killed(folder)
    (folder / "catalog.sqlite-shm").unlink()


def closed(_folder: Path) -> None:
    """Nothing is beside the catalog."""


@pytest.mark.parametrize(
    ("left", "count"), [(closed, 1), (killed, 2), (killed_without_its_shared_memory, 2)]
)
def test_every_question_is_answered_on_a_read_only_folder(
    raytrail: Command, tmp_path: Path, left: Callable[[Path], None], count: int
) -> None:
    folder = filled(tmp_path / "data")
    left(folder)

    with unwritable(folder, tmp_path / "mounted") as shown:
        before = sorted(path.name for path in shown.iterdir())
        assert len(rays(raytrail, shown)) == count
        for question in QUESTIONS:
            ended = raytrail(*question, "--data", shown)
            assert ended.returncode in ANSWERED, f"{question}: {ended.stderr}"
            assert "Traceback" not in ended.stderr
        assert sorted(path.name for path in shown.iterdir()) == before


def test_a_read_only_folder_shows_what_its_service_writes(tmp_path: Path) -> None:
    """The service writes by another mount, or as another user."""
    folder = filled(tmp_path / "data")
    if os.geteuid():
        pytest.skip("NOT ROOT: two mounts of a folder were not tried")
    with (
        Store.open(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store,
        unwritable(folder, tmp_path / "mounted") as shown,
    ):
        send(store, gzipped(ndjson(record(RayID="2"))))
        store.loader().load_next()

        # In a process of its own: SQLite keeps files open that its process has locked.
        command = [sys.executable, "-m", "raytrail", "trail", "--user", "srhea", "--json"]
        ended = subprocess.run(
            [*command, "--data", str(shown)], capture_output=True, text=True, check=True
        )
        assert len(ended.stdout.splitlines()) == 2


def test_a_command_that_changes_a_read_only_folder_is_refused(
    raytrail: Command, tmp_path: Path
) -> None:
    folder = filled(tmp_path / "data")

    with unwritable(folder, tmp_path / "mounted") as shown:
        ended = raytrail("hold", "add", "--user", "srhea", "--reason", "x", "--data", shown)

    assert ended.returncode == 2
    assert "cannot be written" in ended.stderr


def test_a_read_only_store_of_an_older_version_is_answered_from_a_copy(
    raytrail: Command, tmp_path: Path
) -> None:
    folder = old_store(tmp_path / "data")
    content = (folder / "catalog.sqlite").read_bytes()

    with unwritable(folder, tmp_path / "mounted") as shown:
        assert raytrail("sql", "FROM http_requests", "--data", shown).returncode == 0
        ended = raytrail("status", "--data", shown)
        assert ended.returncode == 0, ended.stderr

    assert (folder / "catalog.sqlite").read_bytes() == content


def test_the_shell_opens_on_a_read_only_folder(tmp_path: Path) -> None:
    folder = filled(tmp_path / "data")

    with (
        unwritable(folder, tmp_path / "mounted") as shown,
        duckdb.connect(str(shown / "audit.duckdb"), read_only=True) as audit,
    ):
        assert audit.execute("SELECT count(*) FROM duckdb_views()").fetchone() != (0,)


def test_a_copied_folder_is_answered_without_its_original(
    raytrail: Command, tmp_path: Path
) -> None:
    folder = filled(tmp_path / "data")
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, symlinks=True)
    shutil.rmtree(folder)

    assert len(rays(raytrail, copy)) == 1
    for question in QUESTIONS:
        ended = raytrail(*question, "--data", copy)
        assert ended.returncode in ANSWERED, f"{question}: {ended.stderr}"


def test_a_copied_folder_does_not_show_the_notices_of_the_originals_service(
    tmp_path: Path,
) -> None:
    folder, memory = filled(tmp_path / "data"), tmp_path / "memory"
    memory.mkdir()
    layout, copy = Store.open(folder, Clock()).layout, tmp_path / "copy"

    with durable.lock(layout.serve_lock), notices.announced(layout, memory) as told:
        told.put("loading", "the disk is full")
        shutil.copytree(folder, copy, symlinks=True)
        with Store.open(folder, Clock()) as original, Store.open(copy, Clock()) as copied:
            assert [reason.code for reason in original.degraded()] == ["loading"]
            assert copied.degraded() == ()
