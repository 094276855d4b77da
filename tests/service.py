"""A real `raytrail serve` on a free loopback port, its processes, and what it logs."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from raytrail.commands.questions.shell import duckdb_program
from store.store import Store
from store.timestamps import system_clock
from tests.until import PATIENCE_SECONDS, until

TOKEN = "a-token-for-the-tests-only-0123456789"
SETTINGS = {
    "RAYTRAIL_TOKENS": f"an-older-token-still-valid,{TOKEN}",
    "RAYTRAIL_RESERVE_BYTES": "0",
    "RAYTRAIL_RESERVE_PERCENT": "0",
    "RAYTRAIL_WORKERS": "1",
}


def environment(**settings: str) -> dict[str, str]:
    clean = {name: text for name, text in os.environ.items() if not name.startswith("RAYTRAIL_")}
    return {**clean, **SETTINGS, **settings}


@dataclass
class Service:
    data: Path
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[str] | None" = None
    log: list[dict[str, Any]] = field(default_factory=list)
    raw_log: list[str] = field(default_factory=list)
    wrapper: list[str] = field(default_factory=list)
    ear: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "raytrail", "serve", "--data", str(self.data)]
        self.process = subprocess.Popen(
            [*self.wrapper, *command, "--host", "127.0.0.1", "--port", str(self.port)],
            env=environment(**self.settings),
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        heard = len(self.log)
        self.ear = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self.ear.start()
        self.port = self.wait_for("listening", since=heard)["port"]

    def wait_for(self, event: str, since: int = 0) -> dict[str, Any]:
        """The first such line of the log after the first `since` lines."""

        def found() -> list[dict[str, Any]]:
            return [line for line in self.log[since:] if line.get("event") == event]

        until(found, f"logged {event!r}")
        return found()[0]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(timeout=PATIENCE_SECONDS)
        # The children share the pipe; it ends when the last of them is gone.
        self.ear.join(timeout=PATIENCE_SECONDS)
        return status

    def pids(self) -> dict[int, str]:
        """Every process of this service: the supervisor and its children, by id and name."""
        assert self.process is not None
        found = {self.process.pid: "supervisor"}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"raytrail.service.child" in words and str(self.data).encode() in words:
                found[int(folder.name)] = words[words.index(b"raytrail.service.child") + 1].decode()
        return found

    def pid_of(self, name: str) -> int:
        """The one child of this name, as soon as it runs: the service listens before that."""

        def found() -> list[int]:
            return [pid for pid, each in self.pids().items() if each == name]

        until(found, f"a {name} runs")
        [pid] = found()
        return pid

    def wait_until_readable(self, seconds: float = PATIENCE_SECONDS) -> None:
        with Store.open(self.data, system_clock) as store:
            until(lambda: not store.snapshot().pending_batches, "all batches read", seconds)

    def wait_until_shown(self, statement: str, rows: list[dict[str, object]]) -> None:
        """Until the `duckdb` shell gives these rows: the views follow the rows a moment later."""
        until(lambda: duckdb_shell(self.data, statement) == rows, f"{statement}: {rows}")

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stderr is not None
        with process.stderr as lines:
            for line in lines:
                self.raw_log.append(line)
                with contextlib.suppress(ValueError):
                    self.log.append(json.loads(line))


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Service]:
    service = Service(data, settings=settings)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def post(
    service: Service,
    body: bytes,
    path: str = "/logpush/http_requests",
    headers: dict[str, str] | None = None,
    method: str = "POST",
) -> httpx2.Response:
    given = {"Authorization": f"Bearer {TOKEN}"} if headers is None else headers
    with httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
        return client.request(method, f"{service.url}{path}", content=body, headers=given)


def get(service: Service, path: str) -> httpx2.Response:
    """Waits as long as any test: on a loaded machine the answer takes seconds."""
    with httpx2.Client(timeout=PATIENCE_SECONDS, trust_env=False) as client:
        return client.get(f"{service.url}{path}")


def duckdb_shell(data: Path, statement: str) -> list[dict[str, object]]:
    """Ask as an analyst does: `duckdb data/audit.duckdb`."""
    command = [duckdb_program(), "-readonly", "-json", str(data / "audit.duckdb"), "-c", statement]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    rows: list[dict[str, object]] = json.loads(found.stdout or "[]")
    return rows
