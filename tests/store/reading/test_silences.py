"""Of a time without a receipt exactly that is said, and nothing of a time with one."""

from datetime import datetime, timedelta

import pytest

from store.reading import silences as reading
from store.reading.silences import Silence, Silences, silences
from store.store import Store
from tests.factories import NOW, Clock, gzipped, load, ndjson, record, send

HOUR = timedelta(hours=1)


def receive(store: Store, *hours: float, dataset: str = "http_requests") -> None:
    """A batch so many hours after NOW, each."""
    assert isinstance(store.clock, Clock)
    for hour in hours:
        store.clock.now = NOW + hour * HOUR
        send(store, gzipped(ndjson(record(RayID=f"{hour * 60:016.0f}"))), dataset)


def found(store: Store, first: float, last: float) -> Silences:
    return silences(store.layout, "http_requests", at(first), at(last))


def at(hour: float) -> datetime:
    return NOW + hour * HOUR


def test_a_time_between_two_receipts_is_silent_if_it_is_an_hour_long(store: Store) -> None:
    receive(store, 0, 0.5, 3, 3.9)
    load(store)
    receive(store, 5.5)

    told = found(store, 0, 6)

    assert told == Silences((Silence(at(0.5), at(3)), Silence(at(3.9), at(5.5))))


def test_receipts_before_and_after_the_period_end_its_silences(store: Store) -> None:
    receive(store, 0, 10)

    assert found(store, 4, 6) == Silences((Silence(at(0), at(10)),))
    assert found(store, 9.5, 10) == Silences((Silence(at(0), at(10)),))


def test_before_the_first_batch_and_after_the_last_nothing_is_known(store: Store) -> None:
    receive(store, 5)

    assert found(store, 0, 9) == Silences((Silence(None, at(5)), Silence(at(5), None)))


def test_a_store_that_never_received_the_dataset_is_silent_throughout(store: Store) -> None:
    receive(store, 1, 2, dataset="dns_logs")

    assert found(store, 0, 9) == Silences((Silence(None, None),))


def test_steady_receipts_leave_no_silence(store: Store) -> None:
    receive(store, *(minute / 60 for minute in range(0, 300, 50)))

    assert found(store, 0.5, 4) == Silences(())


def test_only_the_longest_silences_are_listed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SILENCES_MAX", 2)
    receive(store, 0, 2, 5, 6, 10)

    assert found(store, 0, 10) == Silences((Silence(at(2), at(5)), Silence(at(6), at(10))), more=2)
