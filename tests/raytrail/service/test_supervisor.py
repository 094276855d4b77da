"""What ends a service, seen at the loop that watches its children."""

import errno
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from raytrail.errors import COULD_NOT_DO_IT, DISK_FAILED, FINE
from raytrail.service import child_process
from raytrail.service.child_process import DEATHS_MAX, DEATHS_SECONDS, Child, words_of
from raytrail.service.listener import Refusing, listening
from raytrail.service.supervisor import Service
from receiver.health.receiving import Receiving, notice_of
from store.files.layout import draft_path
from store.files.notices import Notices
from store.store import Store
from tests.edge import Heard
from tests.until import PATIENCE_SECONDS, until


def test_a_disk_that_fails_during_recovery_ends_the_service_with_status_4(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receiver died and left a draft, and the disk refuses to remove it."""
    day = store.layout.raw / "2026-11-22"
    day.mkdir()
    draft_path(day, "http_requests").touch()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "unlink", fail)
    log = Heard()
    service = Service(store, workers=1, log=log, recovery_due_at=0.0)

    assert service._watch() == DISK_FAILED

    assert [event for _, event, _ in log.lines] == ["disk failed"]


def test_a_child_that_ends_again_and_again_is_told_until_it_has_lived_for_a_while(
    store: Store, tmp_path: Path
) -> None:
    told = Notices(tmp_path)
    child = Child("loader", [], (), {})
    service = Service(store, workers=1, log=Heard(), notices=told)

    for second in range(DEATHS_MAX):
        assert told.read() == {}
        child.died(float(second))
        service._tell_deaths(1, child, float(second))
    service._tell_deaths(1, child, DEATHS_MAX + 0.1)

    assert told.read() == {
        "restarts-loader-1": "the loader ended 3 times within 5 minutes, and was started again"
    }

    service._tell_deaths(1, child, DEATHS_MAX + DEATHS_SECONDS)
    assert told.read() == {}


def test_the_failure_of_a_receiver_that_has_ended_does_not_keep_health_at_503(
    store: Store, tmp_path: Path
) -> None:
    told = Notices(tmp_path)
    child = Child("receiver", ["true"], (), {})
    service = Service(store, workers=1, log=Heard(), notices=told)
    child.start(0.0)
    assert child.process is not None
    told.put(notice_of(child.process.pid), "no free space on the disk")
    assert Receiving(told).failure() == "no free space on the disk"
    child.process.wait()

    assert service._tend(child, 1.0) is None

    assert Receiving(told).failure() is None


@pytest.fixture
def port() -> Iterator[socket.socket]:
    with listening("127.0.0.1", 0) as listener:
        yield listener


def test_while_no_receiver_can_be_started_senders_are_answered_503_and_the_log_says_why(
    store: Store, port: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_process, "HOPELESS_SECONDS", 3.0)
    missing = Child("receiver", ["/no/such/program"], (), {})
    log = Heard()
    service = Service(store, 1, log, children=[missing], refusing=Refusing(port))
    url = f"http://127.0.0.1:{port.getsockname()[1]}/logpush/http_requests"
    with ThreadPoolExecutor(2) as pool:
        body = bytes(2**21)
        answers = [pool.submit(httpx2.post, url, content=text) for text in (b"", body)]
        status = service._watch()
        told = [answer.result() for answer in answers]

    assert status == COULD_NOT_DO_IT
    assert [answer.status_code for answer in told] == [503, 503]
    assert told[0].headers["Retry-After"] == "30"
    assert told[0].json()["error"] == "no receiver can be started"
    failed = [facts for _, event, facts in log.lines if event == "process not started"]
    assert len(failed) >= 3, "one line for each start"
    assert all("/no/such/program" in str(facts["reason"]) for facts in failed)


def test_a_receiver_that_ends_at_once_is_answered_for_until_one_stays(
    store: Store, port: socket.socket, tmp_path: Path
) -> None:
    """Python that cannot load its libraries, for example; waiting may help, so it goes on."""
    stays = tmp_path / "stays"
    script = f"test -e {stays} && exec sleep 600; exit 1"
    child = Child("receiver", ["/bin/sh", "-c", script], (), {})
    log = Heard()
    service = Service(store, 1, log, children=[child], refusing=Refusing(port))
    url = f"http://127.0.0.1:{port.getsockname()[1]}/health"

    def ask() -> int:
        try:
            return httpx2.get(url, timeout=PATIENCE_SECONDS).status_code
        finally:
            stays.touch()
            until(child.is_running, "it stays")
            service.stop_signals = 1

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        assert service._watch() == FINE
        assert answer.result() == 503
    assert child.process is not None
    child.process.kill()
    child.process.wait()
    died = [facts for _, event, facts in log.lines if event == "process died"]
    assert {facts["reason"] for facts in died} == {
        "it ended with status 1; what it printed stands above"
    }


def test_the_end_of_a_process_is_put_into_words() -> None:
    assert words_of(-9) == "it was ended by SIGKILL"
    assert words_of(-200) == "it was ended by signal 200"
