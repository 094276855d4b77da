"""Threads that load, so that a long load holds up no other.

There are threads for short loads, and fewer for long ones. A body that is known to be large is
loaded by a thread for long loads. A load that only turns out to be long, such as one of very many
short lines, becomes a long load where it is, if there is room for one more. If there is none, it
gives way: it is abandoned, and begun again when there is room.

What is written becomes visible when a load ends, all of it in one commit. So a process that dies
leaves nothing of a long load but files that the next loader removes.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field

from store.loading.claims import Lane
from store.loading.loader import Loader
from store.loading.outcome import Outcome
from store.loading.turn import Turn

# A round of short loads begins none after this, so that the views can be published.
ROUND_SECONDS = 1.0
# A group of small batches takes some 2 s on an idle machine.
SHORT_SECONDS_MAX = 5.0
# Where no room is left, a short load may take longer on a busy machine: a group of usual records is
# loaded at more than 10 MiB a second by each decoder.
GIVE_WAY_SECONDS = 20.0
LOOK_SECONDS = 0.1


@dataclass(slots=True, eq=False)
class _Load:
    future: Future[list[Outcome]]
    turn: Turn
    began_at: float


@dataclass(slots=True)
class Lanes:
    """One thread calls its methods. `pool` must have `threads_of(threads)` threads."""

    loader: Loader
    pool: Executor
    threads: int
    # Once it is set, long loads give way and no other begins.
    stop: threading.Event
    short_seconds_max: float = SHORT_SECONDS_MAX
    give_way_seconds: float = GIVE_WAY_SECONDS
    now: Callable[[], float] = time.monotonic
    _short: set[_Load] = field(default_factory=set)
    _long: set[_Load] = field(default_factory=set)
    _is_forgiven: bool = False

    @property
    def is_busy(self) -> bool:
        return bool(self._long)

    @property
    def steps(self) -> int:
        """A number that changes while long loads get on."""
        return sum(load.turn.steps for load in self._long)

    def round(self) -> list[Outcome]:
        """Let each thread load short batches for a while; the outcomes of all loads that ended.

        Long loads go on when it returns. Raises what a load raised, once the short ones ended.
        """
        began_at = self.now()
        self._begin_long()
        for _ in range(self.threads):
            self._begin(Lane.SHORT)
        ended = []
        while self._short:
            wait([load.future for load in self._short], LOOK_SECONDS, FIRST_COMPLETED)
            for load in self._ended(self._short):
                ended.append(load)
                is_early = self.now() - began_at < ROUND_SECONDS and not self.stop.is_set()
                if is_early and load.future.exception() is None and load.future.result():
                    self._begin(Lane.SHORT)
            ended += self._ended(self._long)
            self._limit()
        ended += self._ended(self._long)
        return [outcome for load in ended for outcome in load.future.result()]

    def end(self) -> None:
        """Let every load give way, and wait for that. One that is being finished ends."""
        self._give_way(self._short | self._long)
        # They may take longer than the supervisor waits before it kills this process.
        self.loader.forgive()
        wait([load.future for load in self._short | self._long])

    def _begin_long(self) -> None:
        """One for each place that is free; without a long batch it ends at once."""
        for _ in range(long_loads_max(self.threads) - len(self._long)):
            self._long.add(self._submitted(Lane.LONG))

    def _begin(self, lane: Lane) -> None:
        self._short.add(self._submitted(lane))

    def _submitted(self, lane: Lane) -> _Load:
        # Before it begins: another thread may run first.
        turn, began_at = Turn(), self.now()
        future = self.pool.submit(self.loader.load_next, lane=lane, turn=turn)
        return _Load(future, turn, began_at)

    def _ended(self, loads: set[_Load]) -> list[_Load]:
        done = [load for load in loads if load.future.done()]
        loads.difference_update(done)
        return done

    def _limit(self) -> None:
        """Make long loads of those that take long, or let them give way."""
        if self.stop.is_set():
            self._give_way(self._long)
            self._give_way(self._overdue(self.short_seconds_max))
            if not self._is_forgiven:
                # A load that does not give way in time is killed with this process.
                self.loader.forgive()
                self._is_forgiven = True
            return
        for load in self._overdue(self.short_seconds_max):
            if len(self._long) < long_loads_max(self.threads):
                self._short.discard(load)
                self._long.add(load)
        self._give_way(self._overdue(self.give_way_seconds))

    def _overdue(self, seconds_max: float) -> list[_Load]:
        now = self.now()
        return [load for load in self._short if now - load.began_at > seconds_max]

    def _give_way(self, loads: Iterable[_Load]) -> None:
        for load in loads:
            load.turn.end()


def threads_of(threads: int) -> int:
    """How many threads load when so many load short batches."""
    return threads + long_loads_max(threads)


def long_loads_max(threads: int) -> int:
    """Each takes memory like a short one (see store/parquet/ordered_part.py), and a core."""
    return max(1, threads // 2)
