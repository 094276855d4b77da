"""`/health` answers by receiving alone, and names what does not get on."""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from receiver.health import page
from store.files import reserve
from store.reading.degraded import LAG_SECONDS_MAX
from store.scrub.pace import Pace
from store.scrub.scrub import Scrub
from store.store import Store
from tests.edge import Heard, Room, open_room
from tests.factories import NOW, Body, Clock


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


def test_a_degraded_service_still_receives_and_only_the_full_question_is_503(
    room: Room, body: Body, clock: Clock
) -> None:
    room.send(body())
    clock.move(seconds=LAG_SECONDS_MAX + 1)

    answer, full = room.client.get("/health"), room.client.get("/health?full")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert (full.status_code, full.json()["status"]) == (503, "degraded")
    assert answer.json()["degraded"] == full.json()["degraded"]
    assert [reason["code"] for reason in answer.json()["degraded"]] == ["lag"]


def test_a_service_that_gets_on_is_healthy_in_full(room: Room) -> None:
    answer = room.client.get("/health?full")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["degraded"] == []


def test_the_age_of_the_scrub_and_the_damaged_files_are_facts(
    room: Room, store: Store, body: Body, clock: Clock
) -> None:
    def facts() -> tuple[float | None, int]:
        content = room.client.get("/health").json()
        return content["scrub_age_seconds"], content["damaged_files"]

    room.send(body())
    assert facts() == (None, 0)
    [raw] = store.layout.raw.rglob("*.gz")
    raw.unlink()
    Scrub(store, Heard(), Pace(threading.Event())).run_round()
    clock.move(seconds=5)

    assert facts() == (5.0, 1)
    shown = room.client.get("/metrics").text
    assert "raytrail_damaged_files 1.0" in shown
    assert "raytrail_scrub_age_seconds 5.0" in shown


class Meeting:
    """Two calls, each of which returns once the other one has begun."""

    def __init__(self) -> None:
        self.has_asked_disk, self.has_read_clock = threading.Event(), threading.Event()

    def end(self) -> None:
        self.has_asked_disk.set()
        self.has_read_clock.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def statvfs(self, folder: Path) -> os.statvfs_result:
        self.has_asked_disk.set()
        self.has_read_clock.wait()
        return os.statvfs(folder)

    def clock(self) -> datetime:
        self.has_read_clock.set()
        self.has_asked_disk.wait()
        return NOW


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meeting]:
    made = Meeting()
    monkeypatch.setattr(reserve, "os", made)
    yield made
    made.end()


def test_disk_and_catalog_are_asked_at_once_so_that_an_answer_takes_one_time_limit(
    store: Store, meeting: Meeting
) -> None:
    with open_room(replace(store, clock=meeting.clock)) as room:
        answer = room.client.get("/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["degraded"] == []


def test_facts_that_do_not_come_do_not_decide_the_status(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def late() -> datetime:
        go_on.wait()
        return NOW

    monkeypatch.setattr(page, "LOOK_SECONDS_MAX", 0.5)
    with open_room(replace(store, clock=late)) as room:
        try:
            answer = room.client.get("/health")
        finally:
            go_on.set()

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert [reason["code"] for reason in answer.json()["degraded"]] == ["unknown"]
