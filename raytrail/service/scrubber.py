"""The scrub in the compactor's process: a process of its own would take as much memory again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from raytrail.service.compactor import Compacting
from raytrail.settings import Settings
from store.scrub.pace import MIB, Pace
from store.scrub.scrub import Scrub
from store.scrub.scrubbing import Scrubbing

# It saves how far it is; the process ends without it after this.
STOP_SECONDS_MAX = 3.0


@dataclass(frozen=True, slots=True)
class Scrubber:
    scrubbing: Scrubbing

    @property
    def disk_failed(self) -> bool:
        return self.scrubbing.disk_failed

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.scrubbing.forever, name="scrub", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.scrubbing.stop.set()
            thread.join(STOP_SECONDS_MAX)


def beside(compacting: Compacting, settings: Settings) -> Scrubber:
    """A scrub that stops when the compactor stops, and stops it when the disk fails."""
    pace = Pace(compacting.stop, settings.scrub_mib_per_second * MIB)
    scrub = Scrub(compacting.store, compacting.log, pace)
    every = timedelta(days=settings.scrub_days)
    return Scrubber(Scrubbing(scrub, compacting.log, compacting.stop, every, compacting.notices))
