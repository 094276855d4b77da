"""Rows that questions and shells put aside on disk, and what a killed one leaves of them."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from raytrail.commands.questions import shell
from store.files import spills
from store.files.layout import Layout
from store.fsck.finding import Finding
from store.fsck.orphan_check import find_orphans
from store.store import Store
from tests.command import Command
from tests.faults import checks
from tests.faults.lab import drain
from tests.injected import Injected
from tests.service import environment
from tests.until import PATIENCE_SECONDS, until

# A question that spills for longer than any test waits, with little memory.
QUESTION = """
import sys, time
from pathlib import Path
from queries.engine import open_engine
from queries.limits import Limits
from queries.errors import QueryFailed
from raytrail.commands.questions.asked import take
from raytrail.commands.questions.signals import clearing_up
limits = Limits(memory_bytes=64 * 2**20, threads=1, seconds=600, spill_bytes=2**30)
with clearing_up(), open_engine(take(Path(sys.argv[1])), limits) as engine:
    sort = "SELECT range::varchar AS r FROM range(30000000) ORDER BY r DESC"
    for row in engine.run(sort, {}, QueryFailed).rows:
        time.sleep(600)
"""


def question(store: Store) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-c", QUESTION, str(store.layout.root)]
    return subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL)


def spilling(store: Store) -> "subprocess.Popen[bytes]":
    """A question that has spilled rows and goes on."""
    asking = question(store)
    until(lambda: spilled(store.layout), "rows are spilled")
    return asking


def spilled(layout: Layout) -> list[Path]:
    return [path for path in layout.spills.rglob("*") if path.is_file()]


@pytest.fixture
def asked(store: Store) -> Store:
    checks.stored(store, 1)
    drain(store)
    return store


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_v7_a_question_that_is_ended_removes_what_it_spilled(
    asked: Store, number: signal.Signals, injected: Injected
) -> None:
    asking = spilling(asked)
    injected(1)
    [folder] = asked.layout.spills.iterdir()
    assert {stat.S_IMODE(each.stat().st_mode) for each in (folder, folder.parent)} == {0o700}

    asking.send_signal(number)

    assert asking.wait(timeout=PATIENCE_SECONDS) == 128 + number
    assert not asked.layout.spills.exists()


def test_v7_what_a_killed_question_spilled_goes_with_the_next_command(
    asked: Store, raytrail: Command
) -> None:
    killed, alive = spilling(asked), None
    [left] = asked.layout.spills.iterdir()
    killed.kill()
    killed.wait()
    assert [each.path for each in found(asked)] == [f".spills/{left.name}"]
    try:
        alive = question(asked)
        until(lambda: not left.exists() and spilled(asked.layout), "the next question spills")
        [used] = asked.layout.spills.iterdir()

        assert raytrail("status", "--data", str(asked.layout.root)).returncode == 0
        assert used.exists(), "its owner lives"
        assert found(asked) == []
    finally:
        if alive is not None:
            alive.kill()
            alive.wait()
    raytrail("status", "--data", str(asked.layout.root))
    assert not asked.layout.spills.exists()


def test_v7_what_a_killed_shell_spilled_goes_once_no_process_has_it_open(asked: Store) -> None:
    folder = asked.layout.shell_spills
    folder.mkdir()
    used, left = folder / "duckdb_temp_storage-0.tmp", folder / "duckdb_temp_storage-1.tmp"
    left.write_bytes(b"rows")
    with used.open("wb"):
        assert [each.path for each in found(asked)] == [f"{folder.name}/{left.name}"]
        spills.sweep(asked.layout)
        assert list(folder.iterdir()) == [used]

    spills.sweep(asked.layout)

    assert not folder.exists()


def test_v7_a_shell_spills_to_a_folder_that_is_locked_while_it_lives(asked: Store) -> None:
    options = shell._spilling(asked.layout)
    [folder] = asked.layout.spills.iterdir()
    assert options == ["-cmd", f"SET temp_directory = '{folder}'"]
    lock = next(fd for fd in range(3, 256) if is_folder(fd, folder))

    successor = subprocess.Popen(["/bin/sleep", "60"], pass_fds=[lock])
    os.close(lock)
    spills.sweep(asked.layout)
    assert folder.exists()
    successor.kill()
    successor.wait()
    spills.sweep(asked.layout)

    assert not folder.exists()


def test_v7_where_the_data_folder_cannot_be_written_rows_are_spilled_elsewhere(
    asked: Store,
) -> None:
    asked.layout.spills.write_bytes(b"in the way of a folder")

    with spills.spill_folder(asked.layout) as folder:
        assert not folder.is_relative_to(asked.layout.root)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


def is_folder(fd: int, folder: Path) -> bool:
    try:
        return Path(f"/proc/self/fd/{fd}").readlink() == folder
    except OSError:
        return False


def found(store: Store) -> list[Finding]:
    return [
        each
        for each in find_orphans(store.layout, store.catalog, store.clock())
        if "killed" in each.means
    ]
