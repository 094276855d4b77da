"""Infers names beside the compactor, in a thread of its process: one more process would take more
memory than the work is worth.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from raytrail.inference import judge
from raytrail.service.compactor import Compacting
from raytrail.settings import Settings
from schema.errors import RaytrailError
from store.catalog import ledger
from store.reading import known_inference
from store.registers.identity.inferred_name import Inference

# After a start, receiving and loading what waited come first.
START_SECONDS = 60.0
# How often it looks whether there is something to judge.
LOOK_SECONDS = 60.0
# New rows are judged at least this often, and rows that were merged at the next look.
EVERY_SECONDS = 3000.0
# On a large store it takes minutes. It works a twentieth of the time at most.
SHARE = 20
# An interrupted statement ends within this time.
STOP_SECONDS_MAX = 3.0

NAMES = "names"


@dataclass
class Naming:
    """Judges until the compactor stops."""

    compacting: Compacting
    hosts: frozenset[str]
    start_seconds: float = START_SECONDS
    look_seconds: float = LOOK_SECONDS
    every_seconds: float = EVERY_SECONDS
    # When it last ended, and how long it took, in seconds of the monotonic clock.
    ended_at: float | None = None
    took: float = 0.0
    stop: threading.Event = field(init=False)

    def __post_init__(self) -> None:
        self.stop = self.compacting.stop

    def forever(self) -> None:
        self.stop.wait(self.start_seconds)
        while not self.stop.is_set():
            try:
                self.once()
            except RaytrailError as error:
                if not self.stop.is_set():
                    self.compacting.log.warning("names not inferred", reason=str(error))
            except Exception as error:
                # Such as a MemoryError. The thread must not end, because its process goes on.
                self.compacting.log.exception("names not inferred", reason=repr(error))
            self.stop.wait(self.look_seconds)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=self.forever, name=NAMES, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.stop.set()
            thread.join(STOP_SECONDS_MAX)

    def once(self) -> None:
        """Judge the store if that is due."""
        if not self._is_due():
            return
        began = time.monotonic()
        try:
            found = judge(self.compacting.store, self.hosts, self.stop)
        finally:
            self.ended_at = time.monotonic()
            self.took = self.ended_at - began
        self.compacting.log.info("names inferred", pairs=len(found.pairs), seconds=self.took)

    def _is_due(self) -> bool:
        store = self.compacting.store
        known = known_inference.inference(store.layout)
        with store.catalog.read() as connection:
            newest = ledger.sequence(connection)
        if known.judged_at is not None and newest == known.sequence:
            return False
        if self.ended_at is None:
            return True
        waited = time.monotonic() - self.ended_at
        if waited < self.took * SHARE:
            return False
        return waited >= self.every_seconds or self._has_merged(known)

    def _has_merged(self, known: Inference) -> bool:
        with self.compacting.store.catalog.read() as connection:
            return any(ledger.of_kinds(connection, ["compacted"], after=known.sequence))


def beside(compacting: Compacting, settings: Settings) -> Naming:
    return Naming(compacting, settings.known_access_hosts())
