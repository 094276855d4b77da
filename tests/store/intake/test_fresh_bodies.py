"""Fresh bodies: each is taken once, and the oldest are dropped first."""

from store.intake.draft import Origin
from store.intake.fresh_bodies import BODIES_MIN, FreshBodies
from store.intake.outcome import Receipt
from store.store import Store
from tests.factories import Body, record


def test_a_body_is_taken_once() -> None:
    fresh = FreshBodies(100)
    fresh.keep("a", [b"one", b"two"])

    assert fresh.take("a") == [b"one", b"two"]
    assert fresh.take("a") is None


def test_past_the_limit_the_oldest_are_dropped() -> None:
    fresh = FreshBodies(10)
    for name in "abc":
        fresh.keep(name, [b"1234"])

    assert [fresh.take(name) is None for name in "abc"] == [True, False, False]
    fresh.keep("d", [b"1234567890"])
    assert fresh.take("d") == [b"1234567890"]


def entered(store: Store, body: bytes, fresh: FreshBodies | None) -> Receipt:
    outcome = store.intake().take([body], Origin("http_requests"), claims_gzip=True, fresh=fresh)
    assert isinstance(outcome, Receipt)
    return outcome


def test_a_body_gives_the_same_rows_from_memory_and_from_disk(store: Store, body: Body) -> None:
    fresh = FreshBodies(10_000 * BODIES_MIN)
    odd = record(RayID="odd", EdgeResponseStatus="x")
    entered(store, body(record(RayID="0"), odd), None)
    receipt = entered(store, body(record(RayID="1"), odd), fresh)
    # From here on only memory has the second body.
    [raw] = store.layout.raw.rglob(f"{receipt.batch_id}.gz")
    raw.unlink()

    loader = store.loader(None, fresh)
    while loader.load_next():
        pass

    told = store.status().datasets["http_requests"]
    assert (told.rows, told.misfits) == (4, 2)
    assert fresh.take(receipt.batch_id) is None


def test_a_body_that_is_too_large_for_memory_is_not_kept_there(store: Store, body: Body) -> None:
    fresh = FreshBodies(BODIES_MIN)

    receipt = entered(store, body(record()), fresh)

    assert fresh.take(receipt.batch_id) is None


def test_a_duplicate_is_not_kept_in_memory(store: Store, body: Body) -> None:
    fresh = FreshBodies(10_000 * BODIES_MIN)
    first = entered(store, body(record()), fresh)
    assert fresh.take(first.batch_id)

    again = entered(store, body(record()), fresh)

    assert again.is_duplicate
    assert fresh.take(again.batch_id) is None
