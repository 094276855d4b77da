"""The real service on loopback, and a sender that talks to it as Logpush does."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.bodies import HERE
from store.files import durable
from store.files.layout import Layout

TOKEN = "bench-token-of-no-service-but-this"  # noqa: S105 (guards a store of made-up traffic)
START_SECONDS_MAX = 30.0
STOP_SECONDS_MAX = 60.0
DRAIN_SECONDS_MAX = 600.0
LOOK_SECONDS = 0.05


class ServiceFailed(Exception):
    """The service did not do what it must for a measurement to mean anything."""


class Sender:
    """One kept connection; every request waits for its answer."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)

    def post(self, body: bytes) -> float:
        """Seconds until the 200."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Encoding": "gzip"}
        started = time.perf_counter()
        try:
            self._connection.request("POST", "/logpush/http_requests", body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # The service closes connections that were idle for some seconds.
            self._connection.close()
            started = time.perf_counter()
            self._connection.request("POST", "/logpush/http_requests", body, headers)
        answer = json.loads(self._answer())
        if answer["duplicate"]:
            raise ServiceFailed("a body of the bench was sent twice")
        return time.perf_counter() - started

    def health(self) -> tuple[float, dict[str, Any]]:
        """Seconds until the answer, and the answer."""
        started = time.perf_counter()
        self._connection.request("GET", "/health")
        answer = self._answer()
        return time.perf_counter() - started, json.loads(answer)

    def _answer(self) -> bytes:
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != 200:  # noqa: PLR2004 (the only good answer)
            raise ServiceFailed(f"{answer.status}: {content[:200]!r}")
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()


class Service:
    """`raytrail serve` with a store of its own, on a port the system chose.

    Its loader waits until it is released: we hold the lock that every loader needs.
    """

    def __init__(self, data: Path) -> None:
        self.layout = Layout(data)
        self.layout.make()
        self._held = ExitStack()
        if not self._held.enter_context(durable.lock(self.layout.loader_lock)):
            raise ServiceFailed(f"somebody else loads into {data}")
        program = [sys.executable, "-m", "raytrail", "serve", "--data", str(data)]
        kept = {name: value for name, value in os.environ.items() if name != "RAYTRAIL_DATA"}
        self._process = subprocess.Popen(
            [*program, "--host", "127.0.0.1", "--port", "0"],
            cwd=HERE.parent,
            env={**kept, "RAYTRAIL_TOKENS": TOKEN, "RAYTRAIL_RESERVE_PERCENT": "0"},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._log: list[dict[str, Any]] = []
        self._ear = threading.Thread(target=self._listen, daemon=True)
        self._ear.start()
        self.port = int(self._wait_for("listening")["port"])

    def sender(self) -> Sender:
        return Sender(self.port)

    def drain(self) -> float:
        """Seconds until nothing waits to be loaded."""
        started = time.perf_counter()
        with self.sender() as sender:
            while sender.health()[1]["pending_batches"]:
                if time.perf_counter() - started > DRAIN_SECONDS_MAX:
                    raise ServiceFailed("batches stayed unread")
                time.sleep(LOOK_SECONDS)
        return time.perf_counter() - started

    def release_loader(self) -> None:
        """From now on batches are loaded; there is no way back."""
        self._held.close()

    def stop(self) -> None:
        self._held.close()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            # Twice means: at once, the loader's batch included.
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(STOP_SECONDS_MAX)
        self._ear.join(STOP_SECONDS_MAX)

    def _wait_for(self, event: str) -> dict[str, Any]:
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            for line in self._log:
                if line.get("event") == event:
                    return line
            time.sleep(LOOK_SECONDS)
        raise ServiceFailed(f"never logged {event!r}: {self._log[-5:]}")

    def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 (it was started with a pipe)
        with self._process.stderr as lines:
            for line in lines:
                with suppress(ValueError):
                    self._log.append(json.loads(line))


@contextmanager
def running(data: Path) -> Iterator[Service]:
    service = Service(data)
    try:
        yield service
    finally:
        service.stop()
