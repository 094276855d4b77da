"""The register of inferred names is replaced whole, and forgets who was erased."""

import contextlib
import sqlite3
from datetime import datetime, timedelta

import pytest

from store.catalog import ledger
from store.erasure.verification import find_remnants
from store.reading import known_inference
from store.registers.identity import inferred_names
from store.registers.identity.inferred_name import AGE_MAX, NEVER_JUDGED, Inference, InferredName
from store.store import Store
from tests.factories import NOW, Body, load, send
from tests.person_store import by, erase, try_to_erase

MAIL, NAME = "s.rhea@acme.example", "srhea"


def pair(login_name: str = MAIL, request_name: str = NAME) -> InferredName:
    return InferredName(
        login_name=login_name,
        request_name=request_name,
        agreeing=3,
        against=1,
        addresses=2,
        first_login=datetime.fromisoformat("2026-11-20T09:00:30.000001"),
        last_login=datetime.fromisoformat("2026-11-23T09:00:30"),
    )


def judged(store: Store, *pairs: InferredName, sequence: int | None = None) -> Inference:
    with store.catalog.read() as connection:
        newest = ledger.sequence(connection)
    return Inference(pairs, store.clock(), newest if sequence is None else sequence)


def replaced(store: Store, found: Inference) -> bool:
    with store.catalog.write() as connection:
        return inferred_names.replace(connection, found)


def held(store: Store) -> Inference:
    return known_inference.inference(store.layout)


def test_a_store_that_was_never_judged_says_so(store: Store) -> None:
    assert held(store) == NEVER_JUDGED
    assert not replaced(store, NEVER_JUDGED)


def test_pairs_are_replaced_whole(store: Store) -> None:
    first, second = judged(store, pair(), pair("a@x.example", "a")), judged(store, pair())

    assert replaced(store, first)
    assert sorted(each.login_name for each in held(store).pairs) == ["a@x.example", MAIL]
    assert replaced(store, second)
    assert held(store) == second
    assert replaced(store, judged(store))
    assert not held(store).pairs


def test_an_older_judgement_replaces_no_newer_one(store: Store, body: Body) -> None:
    older = judged(store, pair())
    send(store, body())
    newer = judged(store)

    assert replaced(store, newer)
    assert not replaced(store, older)
    assert held(store) == newer


@pytest.mark.parametrize("name", [MAIL, NAME])
def test_an_erasure_removes_the_pairs_of_the_name_and_its_bytes(
    store: Store, body: Body, name: str
) -> None:
    send(store, body(by(name)))
    load(store)
    assert replaced(store, judged(store, pair(), pair("a@x.example", "a")))

    erase(store, name)

    assert [each.login_name for each in held(store).pairs] == ["a@x.example"]
    assert not list(find_remnants(store.layout, store.catalog, name))
    assert name.encode() not in store.layout.catalog.read_bytes()


def test_an_erasure_removes_pairs_also_where_no_row_has_the_name(store: Store) -> None:
    assert replaced(store, judged(store, pair()))

    try_to_erase(store, NAME)

    assert not held(store).pairs
    assert NAME.encode() not in store.layout.catalog.read_bytes()


def test_what_was_read_before_an_erasure_is_not_entered_after_it(store: Store, body: Body) -> None:
    send(store, body(by(NAME)))
    load(store)
    found = judged(store, pair())

    erase(store, NAME)

    assert not replaced(store, found)
    assert not held(store).pairs


def test_a_catalog_of_an_older_version_was_never_judged(store: Store) -> None:
    root = store.layout
    store.catalog.close()
    with contextlib.closing(sqlite3.connect(root.catalog)) as connection, connection:
        connection.execute("DROP TABLE inferred_names")

    assert known_inference.inference(root) == NEVER_JUDGED


def test_a_pair_is_of_its_two_names_and_not_of_their_other_spellings(store: Store) -> None:
    found = judged(store, pair())

    assert [other for other, _ in found.of(MAIL)] == [NAME]
    assert [other for other, _ in found.of(NAME)] == [MAIL]
    assert not list(found.of("S.RHEA@acme.example"))
    assert not list(found.of("SRhea "))
    assert not list(found.of("klind"))


def test_a_register_is_due_when_it_is_old_and_something_was_received_since() -> None:
    known = Inference((), NOW, 7)

    assert NEVER_JUDGED.is_due(NOW, 0)
    assert not known.is_due(NOW + AGE_MAX, 7)
    assert not known.is_due(NOW + AGE_MAX - timedelta(seconds=1), 8)
    assert known.is_due(NOW + AGE_MAX, 8)
    assert known.is_due(NOW - timedelta(seconds=1), 8), "the clock was set back"
