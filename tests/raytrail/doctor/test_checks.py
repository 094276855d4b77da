"""`raytrail doctor` finds what needs somebody, says what it means and what helps."""

import json
from pathlib import Path
from typing import Any

import pytest

from raytrail.decoder import Decoder
from raytrail.doctor import checks, words
from raytrail.doctor.finding import Finding, Grade, is_wrong
from store.files import durable
from store.files.reserve import Reserve
from store.intake.limits import IntakeLimits
from store.reading.degraded import LAG_SECONDS_MAX
from store.store import Store
from store.timestamps import Clock as AnyClock
from tests.command import Command
from tests.factories import (
    NO_RESERVE,
    Clock,
    diagnosed,
    gzipped,
    load,
    ndjson,
    old_store,
    record,
    send,
)

NATIVE = Decoder("native", "it was built")
LIMITS = IntakeLimits(reserve=NO_RESERVE)


def examined(
    folder: Path,
    clock: AnyClock,
    decoder: Decoder = NATIVE,
    limits: IntakeLimits = LIMITS,
) -> dict[str, Finding]:
    return {each.about: each for each in checks.examine(folder, limits, clock, decoder)}


def diagnosed_batch(store: Store, **changes: Any) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)
    diagnosed(store, 1, **changes)


def test_a_healthy_store_has_no_more_than_four_lines(store: Store, clock: Clock) -> None:
    send(store, gzipped(ndjson(record())))
    load(store)

    found = list(checks.examine(store.layout.root, LIMITS, clock, NATIVE))

    assert [each.grade for each in found] == [Grade.FINE] * 4
    assert list(words.lines(found)) == [
        "fine   decoder   native: it was built",
        "fine   store     1 batch, 1 file, 2 ledger entries",
        "fine   disk      free space is above the reserve",
        "fine   lag       0 batches waiting, the oldest for 0.0 s",
    ]
    assert not is_wrong(found)


def test_without_the_native_decoder_everything_works_and_it_says_so(
    store: Store, clock: Clock
) -> None:
    found = examined(store.layout.root, clock, Decoder("python", "no native decoder is built"))

    assert found["decoder"].grade is Grade.NOTE
    assert "make setup" in found["decoder"].helps


def test_a_folder_without_a_store_is_a_finding(tmp_path: Path, clock: Clock) -> None:
    found = examined(tmp_path / "typo", clock)

    assert found["store"].grade is Grade.WRONG
    assert "no store at" in found["store"].text


def test_missing_raw_bodies_are_a_finding(store: Store, clock: Clock) -> None:
    store.layout.raw.rename(store.layout.root / "elsewhere")

    assert examined(store.layout.root, clock)["store"].grade is Grade.WRONG


def test_a_disk_without_room_is_a_finding(store: Store, clock: Clock) -> None:
    greedy = IntakeLimits(reserve=Reserve(bytes_min=1 << 60))

    found = examined(store.layout.root, clock, limits=greedy)

    assert found["disk"].grade is Grade.WRONG
    assert "503" in found["disk"].means


def test_a_lag_past_its_limit_is_a_finding_that_says_whether_a_loader_runs(
    store: Store, clock: Clock
) -> None:
    send(store, gzipped(ndjson(record())))
    clock.move(seconds=LAG_SECONDS_MAX)
    assert examined(store.layout.root, clock)["lag"].grade is Grade.FINE
    clock.move(seconds=1)

    alone = examined(store.layout.root, clock)["lag"]
    with durable.lock(store.layout.loader_lock):
        behind = examined(store.layout.root, clock)["lag"]

    assert alone.grade is behind.grade is Grade.WRONG
    assert "no loader is running" in alone.means
    assert "raytrail load" in alone.helps
    assert "batches arrive faster" in behind.means


def test_unread_batches_and_rejected_lines_are_listed_with_the_command_that_helps(
    store: Store, clock: Clock
) -> None:
    send(store, gzipped(b"no json\n"))
    for _ in range(3):
        send(store, gzipped(b"1\n")[:-1])
    load(store)

    found = examined(store.layout.root, clock)

    assert found["rejected"].grade is found["unread"].grade is Grade.WRONG
    assert found["rejected"].dataset == "http_requests"
    assert "replay --rejected" in found["rejected"].helps
    assert "replay --batch" in found["unread"].helps


@pytest.mark.parametrize(("shape", "grade"), [("csv", Grade.WRONG), ("array", Grade.NOTE)])
def test_a_job_that_sends_csv_is_wrong_and_one_that_sends_arrays_is_not(
    store: Store, clock: Clock, shape: str, grade: Grade
) -> None:
    diagnosed_batch(store, shape=shape)

    found = examined(store.layout.root, clock)["shape"]

    assert found.grade is grade
    assert "Logpush job" in found.helps


@pytest.mark.parametrize(
    ("sample", "where"), [(ndjson(record()), "/logpush/http_requests"), (b"{}", "/logpush, which")]
)
def test_misdirected_records_say_where_they_belong(
    store: Store, clock: Clock, sample: bytes, where: str
) -> None:
    diagnosed_batch(store, foreign=3, foreign_sample=sample)

    found = examined(store.layout.root, clock)["foreign"]

    assert found.grade is Grade.WRONG
    assert "3 records look like" in found.text
    assert where in found.helps


def test_records_under_a_misspelt_name_are_found_with_the_command_that_moves_them(
    store: Store, clock: Clock
) -> None:
    send(store, gzipped(ndjson(record(), record(RayID="b"))), "http_request")
    send(store, gzipped(b'{"Own":1}\n'), "own_events")
    load(store)

    found = examined(store.layout.root, clock)["foreign"]

    assert (found.grade, found.dataset) == (Grade.WRONG, "http_request")
    assert found.text == "2 records look like http_requests"
    assert "`raytrail reassign --from http_request --dataset http_requests`" in found.helps


def test_fields_without_a_column_and_values_that_do_not_fit_are_notes(
    store: Store, clock: Clock
) -> None:
    send(store, gzipped(ndjson(record(Unheard=1, EdgeResponseStatus="200"))))
    load(store)

    found = examined(store.layout.root, clock)

    assert found["unknown"].grade is found["misfits"].grade is Grade.NOTE
    assert "Unheard (1)" in found["unknown"].text
    assert "EdgeResponseStatus (1)" in found["misfits"].text
    assert not is_wrong(list(found.values()))


def test_a_hostile_field_name_is_escaped_in_the_terminal(store: Store, clock: Clock) -> None:
    send(store, gzipped(ndjson(record(**{"\x1b[31m": 1}))))
    load(store)

    shown = "\n".join(words.lines(list(examined(store.layout.root, clock).values())))

    assert "\x1b" not in shown
    assert "\\u001b[31m (1)" in shown


def test_doctor_prints_text_or_json_and_exits_with_1_if_something_is_wrong(
    raytrail: Command, tmp_path: Path
) -> None:
    old = str(old_store(tmp_path / "old"))
    Store.create(tmp_path / "new", Clock(), LIMITS).catalog.close()

    status, words, _ = raytrail("doctor", "--data", old)
    _, facts, _ = raytrail("doctor", "--data", old, "--json")
    fine, _, _ = raytrail("doctor", "--data", str(tmp_path / "new"))

    assert (status, fine) == (1, 0)
    assert "wrong  rejected  http_requests: 1 line rejected: not valid records" in words
    assert json.loads(facts)["wrong"] is True
    grades = {each["about"]: each["grade"] for each in json.loads(facts)["findings"]}
    assert grades["rejected"] == "wrong"
