"""The status of a store comes from running totals, which equal a full scan."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import insert

from store.catalog import counts
from store.catalog.tables import batches, entries
from store.reading.status import NOTHING_PENDING, OldestUnread, Pending
from store.store import Store
from tests.factories import Body, Clock, gzipped, ndjson, record, send

# Adding up so many batches took 0.26 s, too long for a scrape every few seconds.
MANY_BATCHES = 200_000
# Reading every batch takes at least so many times as long as reading the totals.
TIMES_MIN = 3


def test_the_status_of_an_empty_store_is_empty(store: Store) -> None:
    found = store.status()

    assert (found.sequence, found.digest, found.datasets) == (0, "", {})
    assert (found.batches, found.files, found.parquet_bytes) == (0, 0, 0)
    assert found.pending == NOTHING_PENDING


def test_pending_batches_are_counted_for_each_dataset(
    store: Store, clock: Clock, body: Body
) -> None:
    send(store, body())
    clock.move(seconds=3)
    send(store, body(), "access_requests")
    clock.move(seconds=1)

    found = store.status()

    assert found.datasets["http_requests"].pending == Pending(1, 4.0)
    assert found.datasets["access_requests"].pending == Pending(1, 1.0)
    assert found.pending == Pending(2, 4.0)
    assert store.progress().pending == found.pending


def test_the_oldest_unread_batch_is_shown_with_its_reason(store: Store, clock: Clock) -> None:
    damaged = gzipped(b"1\n")[:-1]
    first = [send(store, damaged) for _ in range(3)][-1]
    clock.move(seconds=3)
    [send(store, damaged[:-1]) for _ in range(3)]

    found = store.status().datasets["http_requests"]

    assert found.unread_batches == 2
    assert found.oldest_unread == OldestUnread(
        batch_id=first.batch_id,  # type: ignore[union-attr]
        received_at="2026-11-22T10:00:00.000000Z",
        reason="gzip: ends before its trailer",
    )


def test_a_resend_is_counted_and_its_bytes_are_not(store: Store, body: Body) -> None:
    for _ in range(4):
        send(store, body())
    send(store, ndjson(record()))

    found = store.status().datasets["http_requests"]

    assert (found.batches, found.resends, found.body_bytes) == (1, 4, len(body()))


def test_a_batch_that_recovery_enters_again_is_not_a_resend(store: Store, body: Body) -> None:
    """A process that dies after its commit leaves a draft's name, though nothing was sent twice."""
    send(store, body())
    [raw] = store.layout.raw.rglob("*.gz")
    (raw.parent / ".draft-0-http_requests").hardlink_to(raw)

    store.recover()

    assert store.status().datasets["http_requests"].resends == 0


def test_the_running_totals_equal_a_full_scan(store: Store, body: Body) -> None:
    send(store, body(record(), record(RayID="2", Unheard=1)))
    send(store, gzipped(b"broken\n\n" + ndjson(record(EdgeResponseStatus="1"))))
    send(store, body(), "access_requests")
    send(store, body(), "nobody_knows")
    for _ in range(3):
        send(store, gzipped(b"1\n")[:-1])
    send(store, body(), None)
    loader = store.loader()
    while loader.load_next():
        pass

    with store.catalog.read() as connection:
        assert counts.read(connection) == counts.scan(connection)


@pytest.mark.slow
def test_a_scrape_does_not_read_every_batch(store: Store) -> None:
    batch = {
        "dataset": "http_requests",
        "body_bytes": 1,
        "received_at": "2026-11-22T10:00:00.000000Z",
        "state": "loaded",
        "rows": 1,
    }
    entry = {"kind": "batch", "recorded_at": "", "previous": "", "payload": "{}"}
    with store.catalog.write() as connection:
        numbers = range(1, MANY_BATCHES + 1)
        made = [{**entry, "sequence": n, "digest": str(n)} for n in numbers]
        connection.execute(insert(entries), made)
        rows = [
            {**batch, "sequence": n, "batch_id": str(n), "content": str(n), "raw_path": str(n)}
            for n in numbers
        ]
        connection.execute(insert(batches), rows)
        counts.fill(connection)
    found = store.status()

    with store.catalog.read() as connection:
        scanning = fastest_seconds(lambda: counts.scan(connection))
    assert fastest_seconds(store.status) < scanning / TIMES_MIN
    assert found.datasets["http_requests"].loaded_rows == MANY_BATCHES


def fastest_seconds(run: Callable[[], object]) -> float:
    def once() -> float:
        started = time.thread_time()
        run()
        return time.thread_time() - started

    return min(once() for _ in range(5))
