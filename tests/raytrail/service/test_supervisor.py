"""What ends a service, seen at the loop that watches its children."""

import errno
import os
from pathlib import Path

import pytest

from raytrail.errors import DISK_FAILED
from raytrail.service.child_process import DEATHS_MAX, DEATHS_SECONDS, Child
from raytrail.service.supervisor import Service
from receiver.health.receiving import Receiving, notice_of
from store.files.layout import draft_path
from store.files.notices import Notices
from store.store import Store
from tests.edge import Heard


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
