"""A long load holds up no other, and gives way where there is no room for it."""

import gzip
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import RowMapping, select

from store.catalog.tables import batches
from store.errors import NoRoom
from store.files.hashed_writer import HashedWriter
from store.intake.outcome import Receipt
from store.loading import claims
from store.loading.lanes import GIVE_WAY_SECONDS, Lanes, long_loads_max, threads_of
from store.loading.loader import Loader
from store.loading.outcome import Loaded, Outcome
from store.loading.turn import Turn
from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.until import until

SLOW = "slow"

# After this a load that is wrongly taken for a short one is let go, so that its test ends.
OVERDUE_SECONDS = 60.0


def sent(store: Store, name: str, records: int = 1) -> str:
    rays = [f"{name}-{number}" for number in range(records)]
    receipt = send(store, gzipped(ndjson(*[record(RayID=ray) for ray in rays])))
    assert isinstance(receipt, Receipt)
    return receipt.batch_id


@dataclass
class Gate(threading.Event):
    """Where slow loads wait; a clock leaps whenever one comes to it."""

    seconds: float = 0.0

    def __post_init__(self) -> None:
        super().__init__()

    def hold(self, turn: Turn) -> None:
        self.seconds += 100.0
        while not self.is_set() and not turn._is_over.is_set():
            self.wait(0.02)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Loads of batches with `slow` in a row wait for the gate, or until their turn is over."""
    held = Gate()
    load = Loader._load

    def waiting(self: Loader, group: Sequence[RowMapping], turn: Turn) -> list[Outcome]:
        bodies = [self._layout.root / batch["raw_path"] for batch in group]
        if any(SLOW.encode() in gzip.decompress(path.read_bytes()) for path in bodies):
            held.hold(turn)
        return load(self, group, turn)

    monkeypatch.setattr(Loader, "_load", waiting)
    yield held
    held.set()


class EagerPool(ThreadPoolExecutor):
    """Returns from `submit` once the load waits at the gate or has ended, as a busy machine may."""

    def __init__(self, threads: int, gate: Gate) -> None:
        super().__init__(threads)
        self.gate = gate

    def submit(self, *told: Any, **named: Any) -> Future[Any]:
        before = self.gate.seconds
        future = super().submit(*told, **named)
        until(lambda: future.done() or self.gate.seconds > before, "the load has begun")
        return future


@contextmanager
def lanes_of(
    store: Store,
    gate: Gate,
    give_way_seconds: float = math.inf,
    pool_of: Callable[[int], Executor] = ThreadPoolExecutor,
) -> Iterator[Lanes]:
    """With one thread, and one for long loads."""
    with pool_of(threads_of(1)) as pool:
        lanes = Lanes(
            store.loader(),
            pool,
            1,
            threading.Event(),
            give_way_seconds=give_way_seconds,
            now=lambda: gate.seconds,
        )
        try:
            yield lanes
        finally:
            lanes.end()


def loaded(outcomes: list[Outcome]) -> list[str]:
    return [each.batch_id for each in outcomes]


def all_loaded(lanes: Lanes, found: list[str]) -> bool:
    found += loaded(lanes.round())
    return len(found) == 2


def waiting(store: Store) -> int:
    return store.status().pending.batches


def test_small_batches_become_rows_while_a_large_one_is_loaded(
    store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "SHORT_BYTES_MAX", 3_000)
    large = sent(store, SLOW, records=20)
    small = [sent(store, f"quick-{number}") for number in range(3)]
    with lanes_of(store, gate) as lanes:
        found = loaded(lanes.round())

        assert found == small
        assert lanes.is_busy
        gate.set()
        until(lambda: large in loaded(lanes.round()), "the large one is loaded too")
    assert waiting(store) == 0


def test_a_load_that_turns_out_to_be_long_goes_on_while_others_are_loaded(
    store: Store, gate: Gate
) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store, gate) as lanes:
        assert lanes.round() == []
        assert lanes.is_busy
        quick = sent(store, "quick")

        assert loaded(lanes.round()) == [quick]
        gate.set()
        until(lambda: slow in loaded(lanes.round()), "nothing of it was done twice")
    assert {each.rows for each in store.status().datasets.values() if each.rows} == {2}


def test_a_load_has_taken_long_if_its_thread_began_before_its_time_was_noted(
    store: Store, gate: Gate
) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store, gate, pool_of=partial(EagerPool, gate=gate)) as lanes:
        overdue = threading.Timer(OVERDUE_SECONDS, gate.set)
        overdue.start()
        assert lanes.round() == [], "it was still taken for a short one when the gate opened"
        overdue.cancel()
        assert lanes.is_busy
        gate.set()
        until(lambda: slow in loaded(lanes.round()), "it is loaded too")


def test_a_load_that_finds_no_room_for_long_ones_gives_way(store: Store, gate: Gate) -> None:
    first = sent(store, f"{SLOW}-1")
    with lanes_of(store, gate, GIVE_WAY_SECONDS) as lanes:
        lanes.round()
        assert lanes.is_busy
        second, quick = sent(store, f"{SLOW}-2"), sent(store, "quick")
        found: list[str] = []

        # As a group with `quick`, and alone.
        assert [lanes.round() for _ in range(2)] == [[], []]
        assert loaded(lanes.round()) == [quick]
        gate.set()
        until(lambda: all_loaded(lanes, found), "all are loaded")
    assert sorted(found) == sorted([first, second])
    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.attempts)).all() == [1, 1, 1]
        assert connection.scalars(select(batches.c.deaths)).all() == [0, 0, 0]


def test_a_stop_ends_long_loads_and_leaves_their_batches_to_the_next_loader(
    store: Store, gate: Gate
) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store, gate) as lanes:
        lanes.round()
        assert lanes.is_busy
    assert waiting(store) == 1
    assert list(store.layout.parts.rglob("*.parquet")) == []
    gate.set()
    again = Store.open(store.layout.root, store.clock, store.limits)

    with lanes_of(again, gate) as lanes:
        until(lambda: slow in loaded(lanes.round()), "loaded")

    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.deaths)).all() == [0]


def test_a_stop_counts_no_death_even_if_a_load_does_not_end_in_time(
    store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(store, SLOW)
    with lanes_of(store, gate) as lanes:

        def hang(_turn: Turn) -> None:
            lanes.stop.set()
            until(lambda: marks(store) == [None], "the batch would count no death now")

        monkeypatch.setattr(gate, "hold", hang)

        assert [type(each) for each in lanes.round()] == [Loaded]


def marks(store: Store) -> list[str | None]:
    with store.catalog.read() as connection:
        return list(connection.scalars(select(batches.c.tried_by)))


def test_what_a_long_load_raises_is_raised_by_a_round(
    store: Store, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise NoRoom("injected")

    monkeypatch.setattr(HashedWriter, "write", full)
    sent(store, SLOW)
    with lanes_of(store, gate) as lanes:
        lanes.round()
        gate.set()

        with pytest.raises(NoRoom):
            until(lambda: lanes.round() != [], "raised")

    assert waiting(store) == 1


def test_nothing_is_swept_under_a_long_load(store: Store, gate: Gate) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store, gate) as lanes:
        lanes.round()
        lanes.loader.owes_sweep = True

        lanes.loader.tidy()

        assert lanes.loader.owes_sweep
        gate.set()
        until(lambda: slow in loaded(lanes.round()), "its files were not removed")
        lanes.loader.tidy()
        assert not lanes.loader.owes_sweep


def test_no_load_begins_while_leftovers_are_swept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(store, "waiting")
    loader = store.loader()
    ran: list[list[Outcome]] = []
    other = threading.Thread(target=lambda: ran.append(loader.load_next()))

    def sweep_under_a_load() -> int:
        other.start()
        other.join(0.5)
        return len(ran)

    monkeypatch.setattr(type(loader), "sweep", lambda _self: loads.append(sweep_under_a_load()))
    loads: list[int] = []
    loader.owes_sweep = True
    loader.tidy()
    other.join()

    assert (loads, len(ran)) == ([0], 1)


@pytest.mark.parametrize(("threads", "long"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_there_is_always_room_for_one_long_load(threads: int, long: int) -> None:
    assert (long_loads_max(threads), threads_of(threads)) == (long, threads + long)
