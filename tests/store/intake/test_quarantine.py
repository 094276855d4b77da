"""A damaged body is counted each time it comes, and kept as a batch in the end."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from store import timestamps
from store.catalog.tables import refusals
from store.intake.quarantine import Quarantine
from store.store import Store

SHA256 = "ab" * 32


@pytest.fixture
def draft(store: Store) -> Path:
    path = store.layout.raw / "draft"
    path.write_bytes(b"damaged")
    return path


def counted(store: Store) -> list[tuple[object, ...]]:
    query = select(refusals.c.times, refusals.c.reason, refusals.c.first_at, refusals.c.last_at)
    with store.catalog.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_each_arrival_is_counted_with_the_first_reason_and_both_times(
    store: Store, draft: Path
) -> None:
    quarantine, first = Quarantine(store.layout, store.catalog), store.clock()
    times = [first + timedelta(minutes=minute) for minute in range(3)]

    kept = [quarantine.refuse(draft, SHA256, f"reason {at.minute}", at) for at in times]

    assert kept == [False, False, True]
    first_at, last_at = timestamps.to_text(times[0]), timestamps.to_text(times[-1])
    assert counted(store) == [(3, f"reason {first.minute}", first_at, last_at)]


def test_the_arrivals_of_one_body_do_not_count_for_another(store: Store, draft: Path) -> None:
    quarantine, now = Quarantine(store.layout, store.catalog), store.clock()

    kept = [quarantine.refuse(draft, f"{number:064x}", "cut", now) for number in range(4)]

    assert kept == [False] * 4
    assert [row[0] for row in counted(store)] == [1] * 4


def test_a_body_is_held_up_to_the_limit_of_bytes_and_only_counted_past_it(
    store: Store, draft: Path
) -> None:
    quarantine = Quarantine(store.layout, store.catalog, bytes_max=2 * len(b"damaged"))
    names = [f"{number:064x}" for number in range(3)]

    for name in names:
        quarantine.refuse(draft, name, "cut", store.clock())

    held = sorted(path.name for path in store.layout.quarantine.iterdir())
    assert held == [f"{name}.body" for name in names[:2]]
    assert len(counted(store)) == len(names)


def test_a_held_body_is_removed_when_it_becomes_a_batch(store: Store, draft: Path) -> None:
    quarantine = Quarantine(store.layout, store.catalog)

    for _ in range(2):
        quarantine.refuse(draft, SHA256, "cut", store.clock())
    assert [path.name for path in store.layout.quarantine.iterdir()] == [f"{SHA256}.body"]
    quarantine.refuse(draft, SHA256, "cut", store.clock())

    assert not list(store.layout.quarantine.iterdir())
