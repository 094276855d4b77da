"""Random sequences of everything a store does, with deaths in between: each line is stored once.

A model of a few dictionaries follows a real store through random uploads, resends, deaths at any
durable call, restarts, loads, merges, retention, erasures and questions.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from store import timestamps
from store.backoff import Backoff
from store.catalog import ledger
from store.catalog.scope import Scope
from store.catalog.tables import batches
from store.compaction.compactor import Compactor
from store.erasure.erasure import Erasure, Timeouts
from store.erasure.identifier import Identifier
from store.intake.limits import IntakeLimits
from store.intake.outcome import Receipt
from store.lifetimes import Lifetimes, cutoff
from store.loading.event_days import EVENT_AGE_MAX
from store.retention.confirmation import Confirmation
from store.retention.retention import Retention
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import NO_RESERVE, Clock, gzipped, ndjson, record, send

LIMITS = IntakeLimits(reserve=NO_RESERVE)
USERS = ("ada", "bob", "cleo", None)
DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")
# An upload makes some fifteen durable calls, a merge some thirty.
CALLS_MAX = 40
STEPS_A_RUN = 40
# A retention of a small store makes no more calls than this. A smaller number makes deaths likelier.
RETENTION_CALLS_MAX = 6


@dataclass(frozen=True, slots=True)
class Extent:
    """How long to walk: until each kind of death is common enough, or `steps_max` is reached."""

    runs: int
    steps_min: int
    steps_max: int
    deaths_min: int


SHORT = Extent(runs=8, steps_min=300, steps_max=2_000, deaths_min=1)
LONG = Extent(runs=25, steps_min=2_000, steps_max=8_000, deaths_min=11)

Line = tuple[str, int]
lines = st.lists(
    st.tuples(st.sampled_from(USERS), st.sampled_from(DAYS), st.integers(0, 5)),
    min_size=1,
    max_size=6,
)
calls = st.integers(1, CALLS_MAX)


class Life(RuleBasedStateMachine):
    """The life of one store. `steps` counts over all lives of a run."""

    steps: Counter[str]
    patch: pytest.MonkeyPatch

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.clock = Clock()
        self.store = Store.create(Path(self.folder.name) / "data", self.clock, LIMITS)
        # The lines of each acknowledged batch: the user and the day of each.
        self.sent: dict[str, list[tuple[str | None, str]]] = {}
        # Lines that retention or an erasure removed.
        self.gone: set[Line] = set()
        self.bodies: list[bytes] = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.store.catalog.close()
            self.folder.cleanup()

    @rule(told=lines)
    def receive(self, told: list[tuple[str | None, str, int]]) -> None:
        self.steps["receive"] += 1
        self._acknowledge(_body(told), [(user, day) for user, day, _ in told])

    @precondition(lambda self: self.bodies)
    @rule(data=st.data())
    def receive_again(self, data: st.DataObject) -> None:
        self.steps["resend"] += 1
        again = send(self.store, data.draw(st.sampled_from(self.bodies)))
        assert isinstance(again, Receipt)
        assert again.is_duplicate

    @rule(told=lines, call=calls)
    def die_while_receiving(self, told: list[tuple[str | None, str, int]], call: int) -> None:
        body = _body(told)
        self._die("receiving", call, lambda: send(self.store, body))
        # The sender repeats it, whether or not it was stored.
        self._acknowledge(body, [(user, day) for user, day, _ in told])

    @rule()
    def load(self) -> None:
        self.steps["load"] += 1
        self._load()

    @rule(call=calls)
    def die_while_loading(self, call: int) -> None:
        self._die("loading", call, self._load)

    @rule()
    def compact(self) -> None:
        self.steps["compact"] += 1
        self.clock.move(hours=2)  # Compaction waits so long for late rows.
        self._compact()

    @rule(call=calls)
    def die_while_compacting(self, call: int) -> None:
        self.clock.move(hours=2)
        self._die("compacting", call, self._compact)

    @rule(days=st.integers(1, 9))
    def retain(self, days: int) -> None:
        self.steps["retain"] += 1
        outlived = self._outlived(days)
        self._retain(days)
        self.gone |= outlived

    @precondition(lambda self: self._outlived(1) - self.gone)
    @rule(days=st.integers(1, 3), call=st.integers(1, RETENTION_CALLS_MAX))
    def die_while_retaining(self, days: int, call: int) -> None:
        outlived, before = self._outlived(days), self._entries("retired")
        self._die("retaining", call, lambda: self._retain(days))
        if self._entries("retired") > before:
            self.gone |= outlived

    @rule(user=st.sampled_from(USERS[:3]))
    def erase(self, user: str) -> None:
        self.steps["erase"] += 1
        self._erase(user)
        self.gone |= self._lines_of_user(user)

    @rule(user=st.sampled_from(USERS[:3]), call=calls)
    def die_while_erasing(self, user: str, call: int) -> None:
        before = self._entries("erased")
        self._die("erasing", call, lambda: self._erase(user))
        if self._entries("erased") > before:
            self.gone |= self._lines_of_user(user)

    @rule()
    def restart(self) -> None:
        self.steps["restart"] += 1
        self._restart()

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        """Let days end, and remove retired files."""
        self.steps["wait"] += 1
        self.clock.move(hours=hours)
        self.store.loader().tidy()

    @rule(user=st.sampled_from(USERS[:3]))
    def ask(self, user: str) -> None:
        """The files chosen for one person hold all their rows."""
        self.steps["ask"] += 1
        scope = Scope(dataset="http_requests", user=user)
        narrowed = [row for row in self._rows(scope) if row["user_id"] == user]
        whole = [row for row in self._rows() if row["user_id"] == user]
        assert _keys(narrowed) == _keys(whole)

    @invariant()
    def every_loaded_line_is_there_once_and_no_other(self) -> None:
        if not hasattr(self, "folder"):
            return
        with self.store.catalog.read() as connection:
            query = select(batches.c.batch_id).where(batches.c.state == "loaded")
            loaded = set(connection.scalars(query))
            assert all(entry.is_sound() for entry in ledger.walk(connection))
        expected = {
            (batch_id, place): user
            for batch_id in loaded
            for place, (user, _) in enumerate(self.sent.get(batch_id, []), 1)
            if (batch_id, place) not in self.gone
        }
        rows = self._rows()
        found = Counter(line for row in rows for line in _lines_of(row))
        assert found == Counter(expected.keys())
        assert all(expected[line] == row["user_id"] for row in rows for line in _lines_of(row))

    def _acknowledge(self, body: bytes, told: list[tuple[str | None, str]]) -> None:
        receipt = send(self.store, body)
        assert isinstance(receipt, Receipt)
        if not receipt.is_duplicate or receipt.batch_id not in self.sent:
            self.sent[receipt.batch_id] = told
            self.bodies.append(body)

    def _load(self) -> None:
        loader = self.store.loader()
        while loader.load_next():
            pass

    def _compact(self) -> None:
        swap = self.store.file_swap()
        with swap.locked() as has_lock:
            assert has_lock
            while jobs := Compactor(swap).due_jobs():
                Compactor(swap).run(jobs[0])

    def _retain(self, days: int) -> None:
        swap = self.store.file_swap()
        lifetimes = Lifetimes(raw=None, datasets={"http_requests": days})
        with swap.locked() as has_lock:
            assert has_lock
            retention = Retention(swap, lifetimes)
            count = retention.plan().count
            retention.run(Confirmation(clock_is_right=True, count=count))

    def _outlived(self, days: int) -> set[Line]:
        """The day of a line counts; its receipt counts where that day is too far in the past."""
        before = cutoff(self.clock(), days)
        assert before is not None
        with self.store.catalog.read() as connection:
            query = select(batches.c.batch_id, batches.c.received_at)
            found = connection.execute(query.where(batches.c.state == "loaded")).all()
        return {
            (batch_id, place)
            for batch_id, received in found
            for place, (_, day) in enumerate(self.sent.get(batch_id, []), 1)
            if _moment_of(day, timestamps.from_text(received)) < before
        }

    def _erase(self, user: str) -> None:
        hurried = Backoff(seconds_max=1, sleep=lambda _seconds: None)
        waits = Timeouts(loading=hurried, rewriting=hurried, purging=hurried)
        person = Identifier.of(user)
        Erasure(
            store=self.store, identifier=person, reason="r", salt=b"0" * 32, timeouts=waits
        ).run()

    def _lines_of_user(self, user: str) -> set[Line]:
        """Of everything received so far: an erasure loads the batches that wait."""
        return {
            (batch_id, place)
            for batch_id, told in self.sent.items()
            for place, (whose, _) in enumerate(told, 1)
            if whose == user
        }

    def _entries(self, kind: str) -> int:
        with self.store.catalog.read() as connection:
            return sum(entry.kind == kind for entry in ledger.walk(connection))

    def _die(self, doing: str, call: int, work: Callable[[], Any]) -> None:
        """Work, die at this call if it is reached, and start again."""
        with dying(self.patch, Dying(call)):
            try:
                work()
            except Killed:
                died = True
            else:
                died = False
        self.steps[f"death while {doing}" if died else f"narrow escape while {doing}"] += 1
        if died:
            self._restart()

    def _restart(self) -> None:
        self.store.catalog.close()
        self.store = Store.open(self.store.layout.root, self.clock, LIMITS)
        self.store.recover()
        self.store.loader().sweep()
        with self.store.file_swap().locked() as has_lock:
            assert has_lock

    def _rows(self, scope: Scope | None = None) -> list[dict[str, Any]]:
        paths = self.store.snapshot(scope).files.get("http_requests", ())
        return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]


def _body(told: list[tuple[str | None, str, int]]) -> bytes:
    return gzipped(
        ndjson(
            *[
                record(
                    RayID=f"{number:016x}",
                    EdgeStartTimestamp=f"{day}T0{number}:00:00Z",
                    RequestHeaders={"cf-access-user": user} if user else {},
                )
                for user, day, number in told
            ]
        )
    )


def _moment_of(day: str, received_at: datetime) -> datetime:
    happened = datetime.fromisoformat(day)
    is_near = (received_at - EVENT_AGE_MAX).date() <= happened.date()
    return happened if is_near else received_at


def _lines_of(row: dict[str, Any]) -> Iterator[Line]:
    """The line of a row, and the lines that were folded into it."""
    yield row["batch_id"], row["line_number"]
    for place in json.loads(row.get("also_in") or "[]"):
        batch_id, _, number = place.partition(":")
        yield batch_id, int(number)


def _keys(rows: list[dict[str, Any]]) -> Counter[Line]:
    return Counter((row["batch_id"], row["line_number"]) for row in rows)


def live(
    monkeypatch: pytest.MonkeyPatch,
    walk: int,
    *,
    runs: int,
    steps_a_run: int,
    phases: tuple[Phase, ...] = tuple(Phase),
) -> Counter[str]:
    """Walk through so many lives and count what happened. The same `walk` gives the same lives."""
    Life.steps, Life.patch = Counter(), monkeypatch
    run_state_machine_as_test(
        hypothesis.seed(walk)(Life),
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps_a_run,
            phases=phases,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Life.steps


def test_some_random_lives_keep_every_line_once(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    assert live(monkeypatch, seed, runs=3, steps_a_run=15).total() > 3


@pytest.mark.sequences
def test_many_random_lives_keep_every_line_once(
    monkeypatch: pytest.MonkeyPatch, chance: random.Random, is_long: bool
) -> None:
    extent = LONG if is_long else SHORT
    steps: Counter[str] = Counter()
    while not _is_enough(steps, extent):
        walk = chance.getrandbits(64)
        steps += live(monkeypatch, walk, runs=extent.runs, steps_a_run=STEPS_A_RUN)

    print(f"{steps.total():,} steps: {dict(steps)}")
    assert _rarest(steps) >= extent.deaths_min


def _is_enough(steps: Counter[str], extent: Extent) -> bool:
    if steps.total() < extent.steps_min:
        return False
    return _rarest(steps) >= extent.deaths_min or steps.total() >= extent.steps_max


def _rarest(steps: Counter[str]) -> int:
    """How often the rarest kind of death happened."""
    doings = ("receiving", "loading", "compacting", "retaining", "erasing")
    return min(steps[f"death while {doing}"] for doing in doings)


def test_the_walk_notices_a_doubled_line(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The model proves nothing unless it sees a fault."""
    real = Life._rows

    def doubled(self: Life, scope: Scope | None = None) -> list[dict[str, Any]]:
        rows = real(self, scope)
        return rows + rows[:1]

    monkeypatch.setattr(Life, "_rows", doubled)
    with pytest.raises(AssertionError):
        live(monkeypatch, seed, runs=20, steps_a_run=15, phases=(Phase.generate,))
