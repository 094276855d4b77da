"""Faults of the receiver are answered with 503, never with 500 or a trace."""

import asyncio
import hashlib
import socket
import threading
from collections.abc import Iterator

import pytest
from starlette.datastructures import Headers

from receiver.credentials import Credentials
from receiver.errors import NotAuthorized
from receiver.options import ReceiverOptions
from receiver.refusal_log import QUIET_SECONDS, RefusalLog
from receiver.server import Receiver
from receiver.upload_slots import UPLOADS_MAX
from store.errors import StoreBusy
from store.store import Store
from tests.dying import Dying, dying
from tests.edge import Heard, Room, open_room
from tests.factories import Body, gzipped
from tests.until import PATIENCE_SECONDS


@pytest.fixture
def room(store: Store) -> Iterator[Room]:
    with open_room(store) as opened:
        yield opened


def test_a_failed_sync_is_answered_503_and_the_process_stops(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.send(body())  # makes the day's folder
    with dying(monkeypatch, Dying(None)) as counted:
        room.send(body({"RayID": "1"}))
    fsync = counted.calls.index("fsync") + 1
    eio = lambda: OSError(5, "Input/output error")  # noqa: E731

    with dying(monkeypatch, Dying(fsync, eio, once=True)) as system:
        answer = room.send(body({"RayID": "2"}))

    assert system.calls[fsync - 1] == "fsync", "the fault must have fired where it should"
    assert answer.status_code == 503
    assert answer.json() == {"error": "the disk failed"}
    assert room.stopped == [True]
    assert any(event == "disk failed" for _, event, _ in room.log.lines)


def test_every_batch_is_one_line_of_the_log_and_an_error_when_it_cannot_be_read(
    room: Room, body: Body
) -> None:
    good, damaged = body(), gzipped(b"this is no JSON")[:-4]

    # A damaged body is kept as it is when it comes for the third time.
    answers = [room.send(each).status_code for each in (good, good, damaged, damaged, damaged)]
    assert answers == [200, 200, 400, 400, 200]

    lines = [(level, facts) for level, event, facts in room.log.lines if event == "batch"]
    assert [(level, facts["duplicate"]) for level, facts in lines] == [
        ("info", False),
        ("info", True),
        ("error", False),
    ]
    for content, (_, facts) in zip((good, good, damaged), lines, strict=True):
        assert facts["batch"] == hashlib.sha256(content).hexdigest()
        assert (facts["dataset"], facts["bytes"]) == ("http_requests", len(content))
    assert [facts["unread"] for _, facts in lines] == [None, None, "gzip: ends before its trailer"]


def test_an_unforeseen_error_is_answered_503_and_its_trace_is_only_logged(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret details")

    monkeypatch.setattr(room.upload._intake, "settle", broken)

    answer = room.send(body())

    assert answer.status_code == 503
    assert answer.json() == {"error": "something went wrong here"}
    assert answer.headers["retry-after"] == "30"
    [(level, _, facts)] = [line for line in room.log.lines if line[1] == "unforeseen"]
    assert level == "exception"
    assert "ZeroDivisionError" in str(facts["reason"])


def test_a_busy_store_is_answered_503(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreBusy("catalog: database is locked")

    monkeypatch.setattr(room.upload._intake, "settle", busy)

    assert room.send(body()).json() == {"error": "the store is busy"}


def test_uploads_over_the_limit_are_told_to_try_later(room: Room, body: Body) -> None:
    for number in range(UPLOADS_MAX - 1):
        room.upload._slots.take(bytes([number]))
    assert room.send(body()).status_code == 200
    room.upload._slots.take(b"of another token")
    refused = room.send(body())

    assert refused.status_code == 503
    assert refused.json() == {"error": "too many uploads at once"}


def test_health_is_503_when_the_folder_is_gone(room: Room, store: Store) -> None:
    assert room.client.get("/health").status_code == 200
    store.layout.raw.rmdir()

    answer = room.client.get("/health")

    assert answer.status_code == 503
    assert answer.json()["status"] == "the store cannot be reached"


def test_the_counters_of_a_process_are_in_its_metrics(room: Room, body: Body) -> None:
    room.send(body())
    room.send(body())
    room.client.post("/logpush/http_requests", content=b"")

    text = room.client.get("/metrics").text

    assert 'raytrail_batches_total{outcome="new"} 1.0' in text
    assert 'raytrail_batches_total{outcome="duplicate"} 1.0' in text
    assert 'raytrail_refused_requests_total{status="401"} 1.0' in text


def test_refusals_of_one_kind_are_logged_once_a_minute_with_the_number_of_others() -> None:
    log = Heard()
    refusals = RefusalLog(log)

    for second in (0.0, 1.0, QUIET_SECONDS - 0.1):
        refusals.note("NotAuthorized", second, status=401)
    refusals.note("TooLarge", 2.0, status=413)
    refusals.note("NotAuthorized", QUIET_SECONDS, status=401)

    seen = [(facts["refusal"], facts["unlogged_before"]) for _, _, facts in log.lines]
    assert seen == [("NotAuthorized", 0), ("TooLarge", 0), ("NotAuthorized", 2)]


def test_options_do_not_show_their_tokens() -> None:
    assert "hunter2" not in repr(ReceiverOptions(tokens=("hunter2-hunter2",)))


def test_a_receiver_that_is_stopped_before_it_runs_ends_at_once(store: Store) -> None:
    """A supervisor may die while its child is starting; the child must end too."""
    receiver = Receiver(store, ReceiverOptions(tokens=("a-token-of-letters",)), Heard())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver.stop()
        thread = threading.Thread(target=receiver.run, args=(listener,))
        thread.start()
        thread.join(timeout=PATIENCE_SECONDS)

    assert not thread.is_alive()
    assert not receiver.disk_failed


def test_after_a_failed_disk_no_upload_is_accepted(room: Room, body: Body) -> None:
    room.upload._receiving.end("the disk failed")

    assert room.send(body()).json() == {"error": "the disk failed"}


def test_a_token_header_called_authorization_changes_nothing() -> None:
    credentials = Credentials(["t"], "Authorization")

    asyncio.run(credentials.demand(Headers({"Authorization": "Bearer t"}), None))
    with pytest.raises(NotAuthorized):
        asyncio.run(credentials.demand(Headers({"Authorization": "Bearer x"}), None))


def test_an_upload_cancelled_at_the_end_of_a_stop_is_answered_503(
    room: Room, body: Body, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_: object) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(room.upload._intake, "settle", cancelled)

    assert room.send(body()).json() == {"error": "stopping"}
