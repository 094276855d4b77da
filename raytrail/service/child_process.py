"""One process of the service as its supervisor sees it: started, dead, or due to be started."""

import errno
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

# A child that dies within YOUNG_SECONDS is started again after the first pause, which then doubles
# up to the second.
PAUSE_SECONDS_MIN = 0.1
PAUSE_SECONDS_MAX = 10.0
YOUNG_SECONDS = 5.0

# As many starts in a row that fail are no accident.
FAILED_STARTS_MAX = 2

# What no waiting changes: the program is not there, or is none.
HOPELESS = frozenset({errno.ENOENT, errno.EACCES, errno.EPERM, errno.ENOEXEC, errno.ENOTDIR})
# But an upgrade may replace the program for a moment.
HOPELESS_SECONDS = 8.0

LOOK_SECONDS = 0.05
# After the disk failed no process can finish anything, and the exit status tells the operator.
FAILED_SECONDS_MAX = 3.0
# A killed process ends at once, unless it waits for a disk that hangs.
KILLED_SECONDS_MAX = 2.0

# A child that ends this often within the window does not get on; a single death may be an accident.
DEATHS_MAX = 3
DEATHS_SECONDS = 300.0


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
    deaths: list[float] = field(default_factory=list)
    # How often in a row it could not be started, or ended soon afterwards.
    failed_starts: int = 0
    # Since when its program cannot be executed at all.
    hopeless_since: float | None = None

    def start(self, now: float) -> str | None:
        """Start it; why it could not be started, if so."""
        self.started_at = now
        try:
            # A session of its own: Ctrl-C reaches only the supervisor, which stops the children.
            self.process = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                self.command, env=self.environment, pass_fds=self.fds, start_new_session=True
            )
        except OSError as error:
            # Out of memory or processes, or the program is being replaced; tried again later.
            self.died(now)
            if error.errno in HOPELESS:
                self.hopeless_since = self.hopeless_since or now
            return str(error)
        self.hopeless_since = None
        return None

    def died(self, now: float) -> None:
        is_young = now - self.started_at < YOUNG_SECONDS
        self.failed_starts = self.failed_starts + 1 if is_young else 0
        grown = min(self.pause_seconds * 2, PAUSE_SECONDS_MAX)
        self.pause_seconds = grown if is_young else PAUSE_SECONDS_MIN
        self.due_at = now + self.pause_seconds
        self.process = None
        self.deaths.append(now)

    def recent_deaths(self, now: float) -> int:
        """How often it ended within the window, and 0 for fewer times than count."""
        self.deaths = [at for at in self.deaths if now - at < DEATHS_SECONDS]
        return len(self.deaths) if len(self.deaths) >= DEATHS_MAX else 0

    @property
    def is_failing(self) -> bool:
        """Whether it is not there and will hardly be in a moment."""
        return not self.is_running() and self.failed_starts >= FAILED_STARTS_MAX

    def is_hopeless(self, now: float) -> bool:
        since = self.hopeless_since
        return since is not None and now - since > HOPELESS_SECONDS

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def signal_all(children: list[Child], number: signal.Signals) -> None:
    for child in children:
        if child.process is not None and child.is_running():
            child.process.send_signal(number)


def words_of(status: int) -> str:
    """How a process ended, for the log."""
    if status >= 0:
        return f"it ended with status {status}; what it printed stands above"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"


def stop_in_turn(
    children: list[Child], seconds_max: Mapping[str, float], is_hurried: Callable[[], bool]
) -> None:
    """Stop the children of one name after those of another; each has its time, then it is killed."""
    for name, seconds in seconds_max.items():
        deadline = time.monotonic() + seconds
        group = [child for child in children if child.name == name]
        signal_all(group, signal.SIGTERM)
        while any(child.is_running() for child in group):
            if is_hurried() or time.monotonic() > deadline:
                signal_all(group, signal.SIGKILL)
            time.sleep(LOOK_SECONDS)


def end_all(children: list[Child]) -> None:
    """End all at once after the disk failed. The next start looks at what they left."""
    for number, seconds_max in (
        (signal.SIGTERM, FAILED_SECONDS_MAX),
        (signal.SIGKILL, KILLED_SECONDS_MAX),
    ):
        signal_all(children, number)
        deadline = time.monotonic() + seconds_max
        while time.monotonic() < deadline and any(each.is_running() for each in children):
            time.sleep(LOOK_SECONDS)
