"""What ends a service, seen at the loop that watches its children."""

import errno
import os

import pytest

from raytrail.errors import DISK_FAILED
from raytrail.service.supervisor import Service
from store.files.layout import draft_path
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
