"""The receiver's app in this process, over a store, with a log that remembers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from receiver.app import Edge, create_app
from receiver.credentials import Credentials
from receiver.health.page import Health
from receiver.health.probe import Probe
from receiver.health.receiving import Receiving
from receiver.metrics import Metrics
from receiver.upload import Upload
from store.files.notices import Notices
from store.store import Store

# Two, because one token may not take every place of an upload.
TOKENS = ("t", "u")


@dataclass
class Heard:
    """A log that remembers."""

    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)

    def _note(self, level: str) -> Callable[..., None]:
        return lambda event, **facts: self.lines.append((level, event, facts))

    def __getattr__(self, level: str) -> Callable[..., None]:
        return self._note(level)


@dataclass
class Room:
    client: TestClient
    log: Heard
    upload: Upload
    stopped: list[bool]
    probe: Probe

    def send(self, body: bytes, token: str = TOKENS[0]) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.post("/logpush/http_requests", content=body, headers=headers)


@contextmanager
def open_room(store: Store, notices: Notices | None = None) -> Iterator[Room]:
    log, stopped = Heard(), list[bool]()
    receiving = Receiving(notices)
    intake = store.intake()
    upload = Upload(intake, store.limits.body_bytes_max, receiving)
    probe = Probe(store, receiving, log, intake)
    edge = Edge(
        credentials=Credentials(TOKENS),
        upload=upload,
        receiving=receiving,
        health=Health(store, receiving, probe),
        metrics=Metrics(store, "python"),
        log=log,
        on_disk_failed=lambda: stopped.append(True),
    )
    with TestClient(create_app(edge)) as client:
        yield Room(client, log, upload, stopped, probe)
