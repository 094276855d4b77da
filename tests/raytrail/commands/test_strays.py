"""`raytrail stray` and `raytrail doctor ack` end the alarm about a file nobody knows."""

import json
from pathlib import Path

import pytest

from store.catalog import ledger
from store.files import stray
from store.ledger.entry import Entry
from store.retention import holds
from store.retention.holds import Criteria
from store.store import Store
from tests.command import Command
from tests.factories import gzipped, load, ndjson, record, send


@pytest.fixture
def lost(store: Store) -> Path:
    """A part of three rows in `stray/`, as after the loss of the catalog that knew it."""
    send(store, gzipped(ndjson(*[record(RayID=f"{ray}") for ray in range(3)])))
    load(store)
    [part] = store.snapshot().files["http_requests"]
    copy = part.with_name("unknown.parquet")
    copy.write_bytes(part.read_bytes())
    store.loader().sweep()
    [found] = stray.found(store.layout)
    return store.layout.root / found.path


def only_id(raytrail: Command, store: Store) -> str:
    [line] = raytrail("stray", "list", "--data", store.layout.root, "--json").stdout.splitlines()
    return str(json.loads(line)["id"])


def doctor(raytrail: Command, store: Store, about: str = "stray") -> list[tuple[str, str]]:
    """Grade and text of each finding about something."""
    told = json.loads(raytrail("doctor", "--data", store.layout.root, "--json").stdout)
    return [(each["grade"], each["text"]) for each in told["findings"] if each["about"] == about]


def entries(store: Store, kind: str) -> list[Entry]:
    with store.catalog.read() as connection:
        return list(ledger.of_kinds(connection, [kind], 0))


def test_a_stray_file_is_listed_with_what_its_footer_says(
    raytrail: Command, store: Store, lost: Path
) -> None:
    [line] = raytrail("stray", "list", "--data", store.layout.root, "--json").stdout.splitlines()
    told = json.loads(line)

    assert told["original"] == "parts/http_requests/date=2026-11-20/unknown.parquet"
    assert (told["dataset"], told["day"], told["rows"]) == ("http_requests", "2026-11-20", 3)
    assert told["bytes"] == lost.stat().st_size
    assert told["moved_at"].startswith("20")
    text = raytrail("stray", "list", "--data", store.layout.root).stdout
    assert "3 rows of http_requests, 2026-11-20" in text


def test_a_stray_file_is_an_alarm_until_it_is_acknowledged(
    raytrail: Command, store: Store, lost: Path
) -> None:
    root = store.layout.root
    [(grade, _)] = doctor(raytrail, store)
    assert grade == "wrong"
    assert [reason.code for reason in store.degraded()] == ["stray"]
    assert "stray_file" in raytrail("fsck", "--data", root).stdout
    assert store.status().stray_files == 1

    ended = raytrail("doctor", "ack", "stray", "--reason", "case 7", "--data", root)

    assert ended.stdout == f"acknowledged stray/{only_id(raytrail, store)}\n"
    [(grade, text)] = doctor(raytrail, store)
    assert grade == "note"
    assert "case 7" in text
    assert store.degraded() == ()
    assert "stray_file" not in raytrail("fsck", "--data", root).stdout
    assert lost.exists()
    [entry] = entries(store, "acknowledged")
    assert entry.payload["reason"] == "case 7"


def test_a_dropped_stray_file_is_gone_and_the_ledger_says_what_it_was(
    raytrail: Command, store: Store, lost: Path
) -> None:
    stray_id = only_id(raytrail, store)

    ended = raytrail("stray", "drop", stray_id, "--reason", "a test", "--data", store.layout.root)

    assert ended.returncode == 0
    assert not lost.exists()
    assert doctor(raytrail, store) == []
    [entry] = entries(store, "dropped")
    assert entry.payload["path"] == "parts/http_requests/date=2026-11-20/unknown.parquet"
    assert (entry.payload["rows"], entry.payload["reason"]) == (3, "a test")
    again = raytrail("stray", "drop", stray_id, "--reason", "x", "--data", store.layout.root)
    assert (again.returncode, "no stray file" in again.stderr) == (2, True)


@pytest.mark.usefixtures("lost")
def test_a_stray_file_with_rows_under_a_hold_is_not_dropped(
    raytrail: Command, store: Store
) -> None:
    with store.catalog.write() as connection:
        holds.place(connection, store.layout, store.clock, Criteria(user="srhea"), "case 4")

    ended = raytrail(
        "stray", "drop", only_id(raytrail, store), "--reason", "x", "--data", store.layout.root
    )

    assert ended.returncode == 2
    assert "3 rows" in ended.stderr


def test_a_stray_file_that_is_no_parquet_file_is_listed(raytrail: Command, store: Store) -> None:
    folder = store.layout.part_folder("http_requests", "2026-11-20")
    folder.mkdir(parents=True)
    (folder / "notes\x1b.txt").write_text("hello")
    store.loader().sweep()

    text = raytrail("stray", "list", "--data", store.layout.root).stdout

    assert "not a readable Parquet file; 5 bytes" in text
    assert "\x1b" not in text


def test_an_acknowledged_number_of_rejected_lines_is_no_alarm_until_it_grows(
    raytrail: Command, store: Store
) -> None:
    """One rejected line made `doctor` exit with 1 for ever."""
    root = store.layout.root
    send(store, gzipped(ndjson(record(RayID="1")) + b"no json\n"))
    load(store)
    assert [grade for grade, _ in doctor(raytrail, store, "rejected")] == ["wrong"]
    assert "raytrail doctor ack rejected/http_requests" in raytrail("doctor", "--data", root).stdout

    raytrail("doctor", "--data", root, "ack", "rejected/http_requests", "--reason", "a test line")
    [(grade, text)] = doctor(raytrail, store, "rejected")
    assert grade == "note"
    assert "a test line" in text
    send(store, gzipped(ndjson(record(RayID="2")) + b"no json either\n"))
    load(store)

    [(grade, text)] = doctor(raytrail, store, "rejected")
    assert grade == "wrong"
    assert "2 lines rejected" in text
    assert "1 of them are acknowledged" in text


def test_an_unknown_alarm_is_refused_and_the_alarms_are_named(
    raytrail: Command, store: Store, lost: Path
) -> None:
    ended = raytrail("doctor", "ack", "disk", "--reason", "x", "--data", store.layout.root)

    assert ended.returncode == 2
    assert f"the alarms are stray/{only_id(raytrail, store)}" in ended.stderr
    assert lost.exists()


@pytest.mark.parametrize("command", [("doctor", "ack", "stray"), ("stray", "drop", "x")])
def test_a_reason_of_spaces_is_refused(
    raytrail: Command, store: Store, command: tuple[str, ...]
) -> None:
    ended = raytrail(*command, "--reason", " ", "--data", store.layout.root)

    assert (ended.returncode, "give a reason" in ended.stderr) == (2, True)
