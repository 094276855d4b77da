"""A name that no command line can carry is given in a file."""

import json
from pathlib import Path

import pytest

from store.intake.limits import IntakeLimits
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, gzipped, load, ndjson, send
from tests.person_store import by, places_of

NAMES = ("a\x00b", "fred\n", "fred\nflint", "--user", "x\x1b[31m")
REASON = ("--reason", "request 17")


def filled(folder: Path, *users: str) -> Path:
    with Store.create(folder, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        for user in users:
            send(store, gzipped(ndjson(by(user), by("bob"))))
        load(store)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_every_command_about_a_person_reaches_any_name(
    raytrail: Command, tmp_path: Path, name: str
) -> None:
    data = filled(tmp_path / "data", name)
    (tmp_path / "name").write_text(f"{name}\n", encoding="utf-8")
    about = ("--data", str(data), "--user-from", str(tmp_path / "name"))

    report = json.loads(raytrail("report", *about, "--json").stdout)
    trail = raytrail("trail", *about, "--json").stdout.splitlines()
    hold = raytrail("hold", "add", *about, *REASON)
    kept = raytrail("erase", *about, *REASON)
    raytrail("hold", "release", hold.stdout.strip(), "--data", data, *REASON)
    counted = json.loads(raytrail("erase", *about, *REASON, "--json").stdout)["count"]
    done = raytrail("erase", *about, *REASON, "--yes-remove", str(counted))

    assert report["who"]["user"] == name
    assert [json.loads(row)["user_id"] for row in trail] == [name]
    assert "the hold covers 1 row" in hold.stderr
    assert kept.returncode == 1
    assert done.returncode == 0, done.stdout
    assert places_of(data, name) == []
    assert raytrail("erase", *about, "--check").returncode == 0


def test_bytes_that_are_not_utf_8_are_erased_from_lines_and_bodies(
    raytrail: Command, tmp_path: Path
) -> None:
    line = ndjson(by("fred?")).replace(b"fred?", b"fred\xff")
    data = tmp_path / "data"
    with Store.create(data, Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(line))
        load(store)
    (tmp_path / "name").write_bytes(b"fred\xff")
    about = ("--data", str(data), "--user-from", str(tmp_path / "name"))

    counted = json.loads(raytrail("erase", *about, *REASON, "--json").stdout)["count"]
    status, out, _ = raytrail("erase", *about, *REASON, "--yes-remove", str(counted))

    assert (counted, status) == (2, 0), out
    assert not list((data / "raw").rglob("*.gz"))
    held = raytrail("hold", "add", *about, *REASON)
    assert (held.returncode, "not UTF-8" in held.stderr) == (2, True)
    asked = raytrail("report", *about)
    assert (asked.returncode, "exactly this name" in asked.stdout) == (1, True)


@pytest.mark.parametrize("command", [("report",), ("trail",), ("erase", "--check")])
def test_one_of_both_options_is_needed(
    raytrail: Command, tmp_path: Path, command: tuple[str, ...]
) -> None:
    data = filled(tmp_path / "data", "fred")
    (tmp_path / "empty").write_bytes(b"\n")

    without = raytrail(*command, "--data", data)
    empty = raytrail(*command, "--data", data, "--user-from", tmp_path / "empty")
    missing = raytrail(*command, "--data", data, "--user-from", tmp_path / "none")

    assert [each.returncode for each in (without, empty, missing)] == [2, 2, 2]
    assert "--user-from FILE" in without.stderr
    assert "it has no name" in empty.stderr
    assert "it cannot be read" in missing.stderr


def test_a_report_takes_one_name_only(raytrail: Command, tmp_path: Path) -> None:
    (tmp_path / "name").write_bytes(b"fred")
    both = ("--user", "fred", "--user-from", tmp_path / "name")

    status, _, err = raytrail("report", "--data", tmp_path, *both)

    assert (status, "cannot be combined" in err) == (2, True)
