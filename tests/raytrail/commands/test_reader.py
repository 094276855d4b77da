"""A person who may read the data folder and not write it, as a member of the service's group."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from tests.factories import NO_RESERVE, SHELL, Clock, gzipped, load, login, ndjson, record, send
from tests.service import environment
from tests.store.files.somebody import SOMEBODY, for_root

# Every library is loaded before the process becomes the reader's, who may not be allowed to read
# them: the first arguments are a copy of the store that the process may write.
AS_READER = """
import contextlib, json, os, sys
from raytrail.cli import main

def run(words):
    sys.argv = ["raytrail", *words]
    with contextlib.suppress(SystemExit):
        main()

user, warm, seen, *commands = json.loads(sys.argv[1])
os.execve = lambda program, words, variables: print(json.dumps(words))
for words in commands:
    run([*words, "--data", warm])
os.setgroups([])
os.setuid(user)
for words in commands:
    print("----", flush=True)
    run([*words, "--data", seen])
"""

REPORT = ["report", "--user", "srhea", "--json"]
TRAIL = ["trail", "--user", "srhea", "--json"]
SQL = ["sql", "SELECT count(*) AS n FROM requests", "--json"]


def state(folder: Path) -> dict[str, tuple[int, int]]:
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {str(path): (each.st_size, each.st_mtime_ns) for path, each in found.items()}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder in a folder that everybody may enter. All users are of its group."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        data = Path(name, "data")
        with Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
            send(store, gzipped(ndjson(record())))
            send(store, gzipped(ndjson(login())), "access_requests")
            load(store)
            store.publish(SHELL)
        shutil.copytree(data, data.with_name("warm"), symlinks=True)
        yield data


def read(folder: Path, *commands: list[str]) -> list[str]:
    """What each command prints for somebody; nothing in the data folder may change."""
    spills = folder.with_name("spills")
    spills.mkdir()
    spills.chmod(0o1777)
    given = json.dumps([SOMEBODY, str(folder.with_name("warm")), str(folder), *commands])
    before = state(folder)
    asked = subprocess.run(
        [sys.executable, "-c", AS_READER, given],
        env=environment(TMPDIR=str(spills)),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    assert state(folder) == before
    return asked.stdout.split("----\n")[1:]


@for_root
def test_a_reader_asks_without_writing_while_the_service_writes(folder: Path) -> None:
    with Store.open(folder, Clock()) as store:
        send(store, gzipped(ndjson(record(RayID="1" * 16))))
        report, trail, sql, shell = read(folder, REPORT, TRAIL, SQL, ["shell"])

    assert json.loads(report)["totals"]["requests"] == 1
    assert json.loads(trail)["user_id"] == "srhea"
    assert json.loads(sql) == {"n": 1}
    [spilling] = [word for word in json.loads(shell) if word.startswith("SET temp_directory")]
    assert str(folder.with_name("spills") / f"raytrail-spills-{SOMEBODY}") in spilling


@for_root
def test_a_reader_asks_a_store_at_rest(folder: Path) -> None:
    [trail] = read(folder, TRAIL)

    assert json.loads(trail)["user_id"] == "srhea"
