"""`raytrail serve`: opens the port, starts receivers and loader, keeps them running.

The port stays open while a receiver is replaced, so that no sender is turned away. A child
that dies is started again; one that reports a failed disk ends the service with status 4.
"""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from raytrail.errors import BAD_CONFIGURATION, DISK_FAILED, FINE, BadConfiguration
from raytrail.service import allocator
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.log import Log
from store.store import Store

LOOK_SECONDS = 0.05
# A child that dies young is started again after this, doubled each time up to the second.
PAUSE_SECONDS_MIN = 0.1
PAUSE_SECONDS_MAX = 10.0
YOUNG_SECONDS = 5.0
# The receivers' own 30 s and a little; past it they are killed, which loses nothing.
STOP_SECONDS_MAX = 33.0
# What the loader has not finished by then, the next one begins again.
LOADER_SECONDS_MAX = 8.0
# It leaves its job in the middle, and was told before the others.
COMPACTOR_SECONDS_MAX = 5.0
# It may wait for an answer, which nobody needs any more; what it asked for is asked again.
COMPANION_SECONDS_MAX = 1.0
# After a supervisor was killed its children need a moment to notice and let go of the port.
BIND_SECONDS_MAX = 5.0
BACKLOG = 1024
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# What a child says when starting it again would not help.
_FINAL = (BAD_CONFIGURATION, DISK_FAILED)


@dataclass(slots=True)
class Child:
    """One process of the service, and how to start it again."""

    name: str
    command: list[str]
    fds: tuple[int, ...]
    environment: dict[str, str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    pause_seconds: float = PAUSE_SECONDS_MIN
    due_at: float = 0.0

    def start(self, now: float) -> None:
        self.started_at = now
        try:
            # A session of its own: a terminal's Ctrl-C reaches the supervisor, which stops all.
            self.process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self.command, env=self.environment, pass_fds=self.fds, start_new_session=True
            )
        except OSError:
            self.died(now)  # No memory or no process to be had now: tried again later.

    def died(self, now: float) -> None:
        is_young = now - self.started_at < YOUNG_SECONDS
        grown = min(self.pause_seconds * 2, PAUSE_SECONDS_MAX)
        self.pause_seconds = grown if is_young else PAUSE_SECONDS_MIN
        self.due_at = now + self.pause_seconds
        self.process = None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass(slots=True)
class Service:
    """Everything between `raytrail serve` and its end."""

    store: Store
    workers: int
    log: Log
    companions: tuple[str, ...] = ()
    stop_signals: int = 0
    recovery_due_at: float | None = None
    children: list[Child] = field(default_factory=list)

    def run(self, host: str, port: int) -> int:
        """Serve until a signal or a final failure; the exit status."""
        with ExitStack() as stack:
            if not stack.enter_context(durable.lock(self.store.layout.serve_lock)):
                raise BadConfiguration(f"another service runs on {self.store.layout.root}")
            listener = stack.enter_context(_listen(host, port))
            lifeline = stack.enter_context(_lifeline())
            metrics = stack.enter_context(_metrics_folder(self.store.layout.root))
            stack.enter_context(self._signals())
            self._recover()
            self.children = self._planned(listener.fileno(), lifeline, metrics)
            self._tell_address(listener)
            status = self._watch()
            # From here on new connections are refused and nothing new is begun.
            listener.close()
            self._stop_children()
        self.log.info("stopped", status=status)
        return status

    def _recover(self) -> None:
        done = self.store.recover()
        for path in done.damaged:
            self.log.error("raw file is not what its name says", path=path)
        self.log.info("recovered", swept=done.drafts_swept, entered=done.batches_entered)

    def _planned(self, listener: int, lifeline: int, metrics: str) -> list[Child]:
        environment = {**os.environ, METRICS_FOLDER: metrics}
        data = str(self.store.layout.root)

        def planned(name: str, *arguments: str, fds: tuple[int, ...]) -> Child:
            program = [sys.executable, "-m", "raytrail.service.child", name, "--data", data]
            command = [*program, "--lifeline", str(lifeline), *arguments]
            own = allocator.ENVIRONMENT if name == "compactor" else {}
            return Child(name, command, (lifeline, *fds), {**own, **environment})

        receivers = [
            planned("receiver", "--listener", str(listener), fds=(listener,))
            for _ in range(self.workers)
        ]
        others = ("loader", "compactor", *self.companions)
        return [*receivers, *(planned(name, fds=()) for name in others)]

    def _tell_address(self, listener: socket.socket) -> None:
        address, port, *_ = listener.getsockname()
        shown = f"[{address}]" if ":" in address else address
        self.log.info("listening", url=f"http://{shown}:{port}", port=port)

    def _watch(self) -> int:
        """Start what is due and notice what died, until told to stop or nothing helps."""
        while not self.stop_signals:
            now = time.monotonic()
            try:
                for child in self.children:
                    status = self._tend(child, now)
                    if status is not None:
                        return status
                if self.recovery_due_at is not None and now >= self.recovery_due_at:
                    self._recover_later_if_need_be(now)
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                return DISK_FAILED
            time.sleep(LOOK_SECONDS)
        return FINE

    def _recover_later_if_need_be(self, now: float) -> None:
        """A full disk or a busy catalog is no reason to end what still answers."""
        try:
            self._recover()
            self.recovery_due_at = None
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            self.log.warning("recovery waits", reason=str(error))
            self.recovery_due_at = now + PAUSE_SECONDS_MAX

    def _tend(self, child: Child, now: float) -> int | None:
        """Start or bury one child; a status when the whole service must end with it."""
        if child.process is None:
            if now >= child.due_at:
                child.start(now)
            return None
        status = child.process.poll()
        if status is None:
            return None
        self.log.error("process died", name=child.name, pid=child.process.pid, status=status)
        child.died(now)
        if child.name == "receiver":
            # It may have left a draft that was stored and not yet entered.
            self.recovery_due_at = now
        return status if status in _FINAL else None

    def _stop_children(self) -> None:
        """Let receivers finish what is under way, then the loader its batch; no merge is waited for."""
        early = ("compactor", *self.companions)
        _signal_all([child for child in self.children if child.name in early], signal.SIGTERM)
        for name, seconds_max in (
            ("receiver", STOP_SECONDS_MAX),
            ("loader", LOADER_SECONDS_MAX),
            ("compactor", COMPACTOR_SECONDS_MAX),
            *((name, COMPANION_SECONDS_MAX) for name in self.companions),
        ):
            deadline = time.monotonic() + seconds_max
            group = [child for child in self.children if child.name == name]
            _signal_all(group, signal.SIGTERM)
            while any(child.is_running() for child in group):
                if self.stop_signals > 1 or time.monotonic() > deadline:
                    _signal_all(group, signal.SIGKILL)
                time.sleep(LOOK_SECONDS)
        self._recover_later_if_need_be(time.monotonic())

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def note(*_: object) -> None:
            self.stop_signals += 1

        before = {number: signal.signal(number, note) for number in _STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _signal_all(children: list[Child], number: signal.Signals) -> None:
    for child in children:
        if child.process is not None and child.is_running():
            child.process.send_signal(number)


@contextmanager
def _metrics_folder(root: Path) -> Iterator[str]:
    """A folder for the receivers' shared counters, empty at each start.

    They are mapped into memory, where a full disk would kill their process: so in memory
    they lie, if the system offers that. Whoever holds the store's lock may sweep what a
    killed predecessor left.
    """
    shared = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    inside = shared if os.access(shared, os.W_OK) else Path(tempfile.gettempdir())
    prefix = f"raytrail-{hashlib.sha256(os.fsencode(root.absolute())).hexdigest()[:16]}-"
    for stale in inside.glob(f"{prefix}*"):
        shutil.rmtree(stale, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=inside) as folder:
        yield folder


@contextmanager
def _lifeline() -> Iterator[int]:
    """A descriptor that reads its end once this process is gone, however it went."""
    read_end, write_end = os.pipe()
    try:
        yield read_end
    finally:
        os.close(write_end)
        os.close(read_end)


@contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """Bind and listen at once, so that senders queue instead of being refused."""
    deadline = time.monotonic() + BIND_SECONDS_MAX
    while True:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
            break
        except OSError as error:
            if time.monotonic() > deadline or isinstance(error, socket.gaierror):
                raise BadConfiguration(
                    f"cannot listen on {host}:{port}: {error.strerror}"
                ) from error
            time.sleep(LOOK_SECONDS)
    with listener:
        yield listener
