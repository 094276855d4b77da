"""What was fetched of a source, and which parts of a span were not."""

from datetime import datetime, timedelta

import pytest

from store.catalog import ledger
from store.registers import fetches
from store.registers.fetches import Answer, Kind, Source, Span, missing
from store.store import Store
from tests.factories import NOW

LOGINS = Source(Kind.PULL, {"dataset": "access_requests", "account": "a"})
OTHER_ACCOUNT = Source(Kind.PULL, {"dataset": "access_requests", "account": "b"})
ZONE = Source(Kind.BACKFILL, {"zone_id": "a"})


def span(since: float, until: float) -> Span:
    return Span(at(since), at(until))


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("done", "left"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(-5, 15)], []),
        ([(2, 3)], [(0, 2), (3, 10)]),
        ([(5, 7), (2, 6)], [(0, 2), (7, 10)]),
        ([(2, 9), (3, 4)], [(0, 2), (9, 10)]),
        ([(-3, 1), (9, 12)], [(1, 9)]),
        ([(-3, 0), (10, 12)], [(0, 10)]),
        ([(20, 30)], [(0, 10)]),
        ([(-9, -8)], [(0, 10)]),
    ],
)
def test_missing_are_the_parts_that_no_fetched_span_covers(
    done: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    found = missing(span(0, 10), [span(*each) for each in done])

    assert found == [span(*each) for each in left]


def entered(store: Store, source: Source, until: float, *, is_next: bool = True) -> None:
    answer = Answer(span(until - 1, until), ["batch"])
    fetches.enter(store.catalog, NOW, source, {"is_next": is_next}, answer)


def test_a_source_that_was_never_fetched_has_no_position(store: Store) -> None:
    entered(store, OTHER_ACCOUNT, 1)
    entered(store, ZONE, 2)

    assert fetches.position(store.catalog, LOGINS) is None
    assert fetches.spans(store.catalog, LOGINS) == []


def test_the_position_is_where_the_last_fetch_without_a_gap_ended(store: Store) -> None:
    entered(store, LOGINS, 2)
    entered(store, LOGINS, 9, is_next=False)
    entered(store, OTHER_ACCOUNT, 3)

    assert fetches.position(store.catalog, LOGINS) == at(2)
    assert fetches.positions(store.catalog) == {"access_requests": at(3)}
    assert fetches.spans(store.catalog, LOGINS) == [span(1, 2), span(8, 9)]


def test_each_kind_of_fetch_keeps_the_payload_of_earlier_versions(store: Store) -> None:
    entered(store, LOGINS, 1)
    entered(store, ZONE, 1)
    fetches.enter(store.catalog, NOW, Source(Kind.IMPORT), {"objects": 7})

    with store.catalog.read() as connection:
        found = {entry.kind: set(entry.payload) for entry in ledger.walk(connection)}
    assert found == {
        "pulled": {"dataset", "account", "since", "until", "batch_ids", "is_next"},
        "backfill": {"zone_id", "since", "until", "batches", "is_next"},
        "import": {"objects"},
    }
