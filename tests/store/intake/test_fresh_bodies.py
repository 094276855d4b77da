"""Bodies at hand: taken once, and let go of from the oldest on."""

from store.intake.fresh_bodies import FreshBodies
from store.intake.intake import Receipt
from store.store import Store
from tests.factories import Body, record


def test_a_body_is_taken_once() -> None:
    fresh = FreshBodies(100)
    fresh.keep("a", [b"one", b"two"])

    assert fresh.take("a") == [b"one", b"two"]
    assert fresh.take("a") is None


def test_past_the_limit_the_oldest_are_let_go() -> None:
    fresh = FreshBodies(10)
    for name in "abc":
        fresh.keep(name, [b"1234"])

    assert [fresh.take(name) is None for name in "abc"] == [True, False, False]
    fresh.keep("d", [b"1234567890"])
    assert fresh.take("d") == [b"1234567890"]


def test_rows_are_the_same_from_what_is_at_hand_and_from_the_disk(store: Store, body: Body) -> None:
    fresh = FreshBodies(10_000)
    for number in range(2):
        sent = body(record(RayID=f"{number}"), record(RayID="odd", EdgeResponseStatus="x"))
        intake = store.intake()
        draft = intake.open("http_requests", claims_gzip=True)
        draft.keep_plain(10_000 * number)
        draft.feed(sent)
        receipt = intake.settle(draft)
        assert isinstance(receipt, Receipt)
        plain = draft.plain
        assert (plain is None) == (number == 0)
        if plain is not None:
            fresh.keep(receipt.batch_id, plain)
        draft.close()

    loader = store.loader(None, fresh)
    while loader.load_next():
        pass

    told = store.status().datasets["http_requests"]
    assert (told.rows, told.misfits) == (4, 2)
    assert fresh.take("anything") is None
