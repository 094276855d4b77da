"""Looks at the machine's clock every few seconds, so that a jump is known before anything is removed."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from schema.errors import RaytrailError
from store.catalog.catalog import Catalog
from store.log import Log
from store.retention import clock
from store.timestamps import Clock
from store.uptime import ReadUptime

# `/health` shows a jump within this time. A look reads two rows.
LOOK_SECONDS = 10.0
# A look is short; the process ends without it after this.
STOP_SECONDS_MAX = 3.0


@dataclass
class ClockWatch:
    """Runs in a thread beside the compactor, because one merge may take hours."""

    catalog: Catalog
    clock: Clock
    uptime: ReadUptime
    log: Log
    # Called when a doubt has ended, so that what waited for it goes on.
    on_right: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)
    # The kind of the doubt that is in the log, so that one that lasts is logged once.
    logged: str = ""

    def once(self) -> None:
        try:
            found = clock.look(self.catalog, self.clock(), self.uptime())
        except RaytrailError as error:
            # A busy catalog or a full disk: the next look notes the same.
            self.log.warning("clock not looked at", reason=str(error))
            return
        kind = found.kind if found else ""
        if found and kind != self.logged:
            self.log.error("clock doubted", reason=found.text)
        elif self.logged and not kind:
            self.log.info("clock is right again")
            self.on_right()
        self.logged = kind

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self._until_stopped, name="clock", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join(STOP_SECONDS_MAX)

    def _until_stopped(self) -> None:
        while not self.stop.is_set():
            self.once()
            self.stop.wait(LOOK_SECONDS)
