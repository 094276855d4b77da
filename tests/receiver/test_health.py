"""`/health` answers by receiving alone, and names what does not get on."""

from collections.abc import Iterator

import pytest

from store.reading.degraded import LAG_SECONDS_MAX
from store.store import Store
from tests.edge import Room, open_room
from tests.factories import Body, Clock


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
