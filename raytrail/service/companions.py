"""Jobs that the service repeats, each in a process of its own: pulling logins, checking coverage,
sending canaries.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from raytrail.errors import DISK_FAILED, FINE, demand_all
from raytrail.service import log
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store.errors import DiskFailed
from store.files.notices import Notices
from store.log import Log
from store.store import Store
from upstream.errors import ApiRefused

# A round asks Cloudflare many times, each with a time limit.
ROUND_SECONDS_MAX = 1800.0

LOGINS, COVERAGE, CANARY = "logins", "coverage", "canary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """Runs `once` at an interval until `stop` is set. Only a failed disk ends it earlier, because
    a permission that is missing now may be granted in an hour.

    `once` returns what it could not do, or nothing; or it raises. `trouble` is the log event for a
    round that failed.
    """

    name: str
    once: Callable[[], str | None]
    every: timedelta
    trouble: str
    log: Log
    notices: Notices = field(default_factory=Notices)
    stop: threading.Event = field(default_factory=threading.Event)

    def forever(self) -> int:
        """The exit status."""
        while not self.stop.is_set():
            seconds = self.every.total_seconds() + ROUND_SECONDS_MAX
            self.notices.promise(self.name, f"the job {self.name}", seconds)
            try:
                self._tell(self.once())
            except DiskFailed as error:
                self.log.exception("disk failed", reason=str(error))
                return DISK_FAILED
            except RaytrailError as error:
                # A person must grant what Cloudflare refuses; other errors may pass by themselves.
                tell = self.log.error if isinstance(error, ApiRefused) else self.log.warning
                tell(self.trouble, reason=str(error))
                self._tell(str(error))
            self.stop.wait(self.every.total_seconds())
        return FINE

    def _tell(self, problem: str | None) -> None:
        if problem:
            self.notices.put(self.name, f"{self.trouble}: {problem}")
        else:
            self.notices.clear(self.name)


def wanted(settings: Settings) -> tuple[str, ...]:
    """The companions that the settings ask for; BadConfiguration when their settings are wrong."""
    names, demands = [], list[Callable[[], object]]()
    if settings.has_api():
        demands.append(settings.api_options)
        names.append(LOGINS)
        if settings.zones() or settings.cloudflare_account:
            names.append(COVERAGE)
    if settings.canary_url:
        demands.append(settings.canary_options)
        names.append(CANARY)
    demand_all(*demands)
    return tuple(names)


def companion(
    name: str, store: Store, settings: Settings, notices: Notices | None = None
) -> Companion:
    """One companion by name; it loads only the libraries that this one needs."""
    logger = log.configure(name)
    make = {LOGINS: _logins, COVERAGE: _coverage, CANARY: _canary}[name]
    once, minutes, trouble = make(store, settings, logger)
    return Companion(
        name=name,
        once=once,
        every=timedelta(minutes=minutes),
        trouble=trouble,
        log=logger,
        notices=notices or Notices(),
    )


# What is done each time, after how many minutes again, and what the log says if it cannot be done.
Work = tuple[Callable[[], str | None], float, str]


def _logins(store: Store, settings: Settings, logger: Log) -> Work:
    from raytrail.service.logins import NOT_PULLED, LoginPuller  # noqa: PLC0415

    pulling = LoginPuller(store, logger, settings.api_options(), settings.cloudflare_account)
    return pulling.once, settings.logins_minutes, NOT_PULLED


def _coverage(store: Store, settings: Settings, logger: Log) -> Work:
    from completeness.coverage import JobSelection  # noqa: PLC0415
    from completeness.schedule import NOT_JUDGED, CoverageSchedule  # noqa: PLC0415

    selection = JobSelection(settings.zones(), settings.cloudflare_account, settings.public_host())
    schedule = CoverageSchedule(store, logger, settings.api_options(), selection)
    return schedule.once, settings.coverage_minutes, NOT_JUDGED


def _canary(store: Store, settings: Settings, logger: Log) -> Work:
    from completeness.canaries import WAITS, CanaryWatch  # noqa: PLC0415

    watch = CanaryWatch(store, settings.canary_options(), logger)
    return watch.once, settings.canary_minutes, WAITS
