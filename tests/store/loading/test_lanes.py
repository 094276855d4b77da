"""A long load holds up no other, and gives way where there is no room for it."""

import math
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select

from store.catalog.tables import batches
from store.errors import NoRoom
from store.intake.outcome import Receipt
from store.loading import claims, conversion
from store.loading.lanes import Lanes, long_loads_max, threads_of
from store.loading.outcome import Outcome
from store.parquet import ordered_part
from store.store import Store
from tests.factories import gzipped, ndjson, record, send
from tests.until import until

SLOW = "slow"


def sent(store: Store, name: str, records: int = 1) -> str:
    rays = [f"{name}-{number}" for number in range(records)]
    receipt = send(store, gzipped(ndjson(*[record(RayID=ray) for ray in rays])))
    assert isinstance(receipt, Receipt)
    return receipt.batch_id


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Batches with `slow` in their rays wait for the gate after each piece."""
    opened = threading.Event()
    add = conversion._Parts.add

    def waiting(self: conversion._Parts, piece: object, batch: object) -> None:
        table = piece.table  # type: ignore[attr-defined]
        if SLOW in str(table["RayID"][0]):
            opened.wait(0.2)
            while not opened.is_set() and not is_over(self):
                opened.wait(0.02)
        add(self, piece, batch)  # type: ignore[arg-type]

    def is_over(parts: conversion._Parts) -> bool:
        return bool(parts._on_progress.__self__._is_over.is_set())  # type: ignore[attr-defined]

    monkeypatch.setattr(conversion._Parts, "add", waiting)
    yield opened
    opened.set()


@contextmanager
def lanes_of(store: Store, threads: int = 1, give_way_seconds: float = math.inf) -> Iterator[Lanes]:
    with ThreadPoolExecutor(threads_of(threads)) as pool:
        lanes = Lanes(
            store.loader(),
            pool,
            threads,
            threading.Event(),
            short_seconds_max=0.1,
            give_way_seconds=give_way_seconds,
        )
        try:
            yield lanes
        finally:
            lanes.end()


def loaded(outcomes: list[Outcome]) -> list[str]:
    return [each.batch_id for each in outcomes]


def waiting(store: Store) -> int:
    return store.status().pending.batches


def test_small_batches_become_rows_while_a_large_one_is_loaded(
    store: Store, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "SHORT_BYTES_MAX", 3_000)
    large = sent(store, SLOW, records=20)
    small = [sent(store, f"quick-{number}") for number in range(3)]
    with lanes_of(store) as lanes:
        found = loaded(lanes.round())

        assert found == small
        assert lanes.is_busy
        gate.set()
        until(lambda: large in loaded(lanes.round()), "the large one is loaded too")
    assert waiting(store) == 0


def test_a_load_that_turns_out_to_be_long_goes_on_while_others_are_loaded(
    store: Store, gate: threading.Event
) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store) as lanes:
        assert lanes.round() == []
        assert lanes.is_busy
        quick = sent(store, "quick")

        assert loaded(lanes.round()) == [quick]
        gate.set()
        until(lambda: slow in loaded(lanes.round()), "nothing of it was done twice")
    assert {each.rows for each in store.status().datasets.values() if each.rows} == {2}


def test_a_load_that_finds_no_room_for_long_ones_gives_way(
    store: Store, gate: threading.Event
) -> None:
    first = sent(store, f"{SLOW}-1")
    with lanes_of(store, give_way_seconds=1.5) as lanes:
        lanes.round()
        assert lanes.is_busy
        second, quick = sent(store, f"{SLOW}-2"), sent(store, "quick")
        found: list[str] = []

        until(lambda: found.extend(loaded(lanes.round())) or quick in found, "loaded")

        assert found == [quick]
        gate.set()
        until(lambda: found.extend(loaded(lanes.round())) or waiting(store) == 0, "all")
    assert sorted(found) == sorted([first, second, quick])
    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.attempts)).all() == [1, 1, 1]
        assert connection.scalars(select(batches.c.deaths)).all() == [0, 0, 0]


def test_a_stop_ends_long_loads_and_leaves_their_batches_to_the_next_loader(
    store: Store, gate: threading.Event
) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store) as lanes:
        lanes.round()
        assert lanes.is_busy
    assert waiting(store) == 1
    assert list(store.layout.parts.rglob("*.parquet")) == []
    gate.set()
    again = Store.open(store.layout.root, store.clock, store.limits)

    with lanes_of(again) as lanes:
        until(lambda: slow in loaded(lanes.round()), "loaded")

    with store.catalog.read() as connection:
        assert connection.scalars(select(batches.c.deaths)).all() == [0]


def test_what_a_long_load_raises_is_raised_by_a_round(
    store: Store, gate: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise NoRoom("injected")

    monkeypatch.setattr(ordered_part.PartWriter, "write_row_group", full)
    sent(store, SLOW)
    with lanes_of(store) as lanes:
        lanes.round()
        gate.set()

        with pytest.raises(NoRoom):
            until(lambda: lanes.round() != [], "raised")

    assert waiting(store) == 1


def test_nothing_is_swept_under_a_long_load(store: Store, gate: threading.Event) -> None:
    slow = sent(store, SLOW)
    with lanes_of(store) as lanes:
        lanes.round()
        lanes.loader.owes_sweep = True

        lanes.loader.tidy()

        assert lanes.loader.owes_sweep
        gate.set()
        until(lambda: slow in loaded(lanes.round()), "its files were not removed")
        lanes.loader.tidy()
        assert not lanes.loader.owes_sweep


@pytest.mark.parametrize(("threads", "long"), [(1, 1), (2, 1), (3, 1), (4, 2), (8, 4)])
def test_there_is_always_room_for_one_long_load(threads: int, long: int) -> None:
    assert (long_loads_max(threads), threads_of(threads)) == (long, threads + long)
