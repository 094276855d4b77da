"""`raytrail serve`: opens the port, starts the child processes and keeps them running.

The port stays open while a receiver is replaced, so that no sender is refused. A child that dies
is started again; one that reports a failed disk ends the service with status 4.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from raytrail.errors import (
    BAD_CONFIGURATION,
    COULD_NOT_DO_IT,
    DISK_FAILED,
    FINE,
    BadConfiguration,
)
from raytrail.service import lifeline, resources
from raytrail.service.child_process import (
    DEATHS_SECONDS,
    LOOK_SECONDS,
    PAUSE_SECONDS_MAX,
    Child,
    end_all,
    signal_all,
    stop_in_turn,
    words_of,
)
from raytrail.service.listener import Refusing, listening
from raytrail.service.metrics_folder import metrics_folder
from receiver.health.receiving import notice_of
from store.errors import DiskFailed, NoRoom, StoreBusy, StoreDamaged, StoreUnavailable
from store.files import durable, notices
from store.files.disk_errors import disk_errors
from store.files.notices import Notices
from store.log import Log
from store.store import Store

# Receivers take up to 30 s; later ones are killed, and Logpush sends their requests again.
RECEIVER_SECONDS_MAX = 33.0
# The next loader starts an unfinished batch again.
LOADER_SECONDS_MAX = 8.0
# It abandons its job, and is signalled before the others.
COMPACTOR_SECONDS_MAX = 5.0
# It may be waiting for an answer of Cloudflare; the next one asks again.
COMPANION_SECONDS_MAX = 1.0
# The code under which /health shows a misspelt setting.
SETTINGS = "settings"
METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# The name of notices about children that end again and again.
RESTARTS = "restarts"

_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# Exit statuses of a child for which a restart would not help.
_FINAL = (BAD_CONFIGURATION, DISK_FAILED)


@dataclass(slots=True)
class Service:
    """One run of `raytrail serve`."""

    store: Store
    workers: int
    log: Log
    companions: tuple[str, ...] = ()
    # Settings that are misspelt: a sentence for each, shown until the next start reads them again.
    unknown_settings: tuple[str, ...] = ()
    stop_signals: int = 0
    recovery_due_at: float | None = None
    children: list[Child] = field(default_factory=list)
    notices: Notices = field(default_factory=Notices)
    # How many deaths of each child are in its notice now.
    told_deaths: dict[int, int] = field(default_factory=dict)
    # Answers senders while no receiver can be started.
    refusing: Refusing | None = None

    def run(self, host: str, port: int) -> int:
        """Serve until a signal or a failure that no restart helps; the exit status."""
        with ExitStack() as stack:
            if not stack.enter_context(durable.lock(self.store.layout.serve_lock)):
                raise BadConfiguration(f"another service runs on {self.store.layout.root}")
            listener = stack.enter_context(listening(host, port))
            lifeline_fd = stack.enter_context(lifeline.held())
            metrics = stack.enter_context(metrics_folder(self.store.layout.root))
            place = notices.announced(self.store.layout, Path(metrics))
            self.notices = stack.enter_context(place)
            for number, problem in enumerate(self.unknown_settings, 1):
                self.notices.put(f"{SETTINGS}-{number}", problem)
            stack.enter_context(self._signals())
            self._recover()
            self.children = self._planned(listener.fileno(), lifeline_fd, metrics)
            self._tell_address(listener)
            self.refusing = Refusing(listener)
            status = self._watch()
            # From here on new connections are refused.
            self.refusing.close()
            listener.close()
            if status == DISK_FAILED:
                end_all(self.children)
            else:
                self._stop_children()
        self.log.info("stopped", status=status)
        return status

    def _recover(self) -> None:
        done = self.store.recover()
        for path in done.strays:
            self.log.error("unknown raw body moved to stray/", path=path)
        self.log.info("recovered", swept=done.drafts_swept, entered=done.batches_entered)

    def _planned(self, listener: int, lifeline_fd: int, metrics: str) -> list[Child]:
        environment = {**os.environ, METRICS_FOLDER: metrics}
        data = str(self.store.layout.root)
        # A child that is started again later must not open another folder.
        folder = self.store.catalog.folder.to_text()

        def planned(name: str, *arguments: str, fds: tuple[int, ...]) -> Child:
            program = [sys.executable, "-m", "raytrail.service.child", name, "--data", data]
            told = ["--lifeline", str(lifeline_fd), "--notices", metrics, "--folder", folder]
            command = [*program, *told, *arguments]
            own = resources.MERGING_ENVIRONMENT if name == "compactor" else {}
            return Child(name, command, (lifeline_fd, *fds), {**own, **environment})

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
        """Start children that are due and restart dead ones, until a signal or a final status."""
        while not self.stop_signals:
            now = time.monotonic()
            try:
                for number, child in enumerate(self.children):
                    status = self._tend(child, now)
                    if status is not None:
                        return status
                    self._tell_deaths(number, child, now)
                if self.recovery_due_at is not None and now >= self.recovery_due_at:
                    self._try_to_recover(now)
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                return DISK_FAILED
            self._pause()
        return FINE

    def _pause(self) -> None:
        """Until the next look; without a receiver, senders are answered meanwhile."""
        if self.refusing and self._is_without_receiver():
            self.refusing.answer(LOOK_SECONDS)
            return
        if self.refusing:
            self.refusing.close()
        time.sleep(LOOK_SECONDS)

    def _is_without_receiver(self) -> bool:
        receivers = [child for child in self.children if child.name == "receiver"]
        return bool(receivers) and all(child.is_failing for child in receivers)

    def _try_to_recover(self, now: float) -> None:
        """Recover; a full disk or a busy catalog must not end receivers that still answer."""
        try:
            with disk_errors("recovering"):
                self._recover()
            self.recovery_due_at = None
        except (NoRoom, StoreBusy, StoreUnavailable) as error:
            self.log.warning("recovery waits", reason=str(error))
            self.recovery_due_at = now + PAUSE_SECONDS_MAX
        except StoreDamaged:
            self._try_disk()
            raise

    def _tend(self, child: Child, now: float) -> int | None:
        """Start or restart one child; an exit status when the whole service must end."""
        if child.process is None:
            if now >= child.due_at and (reason := child.start(now)):
                self.log.error("process not started", name=child.name, reason=reason)
            is_over = child.is_hopeless(now) and self._is_without_receiver()
            return COULD_NOT_DO_IT if is_over else None
        status = child.process.poll()
        if status is None:
            return None
        pid = child.process.pid
        reason = words_of(status)
        self.log.error("process died", name=child.name, pid=pid, status=status, reason=reason)
        child.died(now)
        if child.name == "receiver":
            self.notices.clear(notice_of(pid))
            # It may have stored a body without entering it in the ledger.
            self.recovery_due_at = now
        if status in _FINAL:
            return status
        self._try_disk()
        return None

    def _try_disk(self) -> None:
        """Raise DiskFailed if the disk is why a process died: SQLite, for one, does not tell."""
        with suppress(NoRoom, StoreUnavailable):
            durable.try_out(self.store.layout.probe_of(os.getpid()))

    def _tell_deaths(self, number: int, child: Child, now: float) -> None:
        """Tell of a child that ends again and again, in words that only change when the number does."""
        times = child.recent_deaths(now)
        if times == self.told_deaths.get(number, 0):
            return
        self.told_deaths[number] = times
        name = f"{RESTARTS}-{child.name}-{number}"
        if times:
            within = f"{times} times within {DEATHS_SECONDS / 60:.0f} minutes"
            self.notices.put(name, f"the {child.name} ended {within}, and was started again")
        else:
            self.notices.clear(name)

    def _stop_children(self) -> None:
        """Stop receivers after their requests, then the loader after its batch; merges are abandoned."""
        early = ("compactor", *self.companions)
        signal_all([child for child in self.children if child.name in early], signal.SIGTERM)
        seconds_max = {
            "receiver": RECEIVER_SECONDS_MAX,
            "loader": LOADER_SECONDS_MAX,
            "compactor": COMPACTOR_SECONDS_MAX,
            **dict.fromkeys(self.companions, COMPANION_SECONDS_MAX),
        }
        stop_in_turn(self.children, seconds_max, lambda: self.stop_signals > 1)
        self._try_to_recover(time.monotonic())

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
