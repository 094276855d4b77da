"""The clock is looked at all the time, and what a person confirmed of it outlasts the catalog."""

from pathlib import Path

import pytest
from sqlalchemy import delete

from store.catalog.tables import clock as table
from store.retention import clock as clocks
from store.retention.clock_watch import ClockWatch
from store.store import Store
from store.uptime import Uptime
from tests.edge import Heard
from tests.factories import Clock, gzipped, ndjson, record, send


def doubted(store: Store) -> bool:
    return "clock" in {each.code for each in store.degraded()}


def told(log: Heard) -> list[tuple[str, str]]:
    return [(level, event) for level, event, _ in log.lines]


def test_a_look_that_the_store_refuses_is_logged_and_the_next_one_notes_the_same(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    send(store, gzipped(ndjson(record())))
    log = Heard()
    watch = ClockWatch(store.catalog, clock, lambda: Uptime("boot", 0.0), log)
    watch.once()
    clock.move(days=4)

    store.layout.root.rename(tmp_path / "away")
    watch.once()
    (tmp_path / "away").rename(store.layout.root)

    assert told(log) == [("warning", "clock not looked at")]
    assert not doubted(store)
    watch.once()
    assert told(log)[1:] == [("error", "clock doubted")]
    assert doubted(store)


@pytest.mark.parametrize("is_confirmed", [True, False])
def test_a_clock_that_a_person_confirmed_is_right_for_a_catalog_that_was_made_again(
    store: Store, clock: Clock, *, is_confirmed: bool
) -> None:
    """Only the ledger tells of it then."""
    for number in range(2):
        send(store, gzipped(ndjson(record(RayID=str(number)))))
        clock.move(hours=49)
    why = clocks.look(store.catalog, clock.now, None)
    assert why is not None
    with store.catalog.write() as connection:
        if is_confirmed:
            clocks.confirm(connection, clock.now, None, why)
        connection.execute(delete(table))
    clock.move(hours=1)

    found = clocks.look(store.catalog, clock.now, None)

    assert (found is None) == is_confirmed
