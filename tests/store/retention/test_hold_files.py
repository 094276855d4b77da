"""The conditions of each hold are in a file, before its entry and as long as the catalog has them."""

import shutil
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from store.catalog.tables import holds as table_of_holds
from store.errors import StoreDamaged
from store.retention import hold_files, holds
from store.retention.holds import Criteria, Hold
from store.store import Store
from tests.dying import Dying, Killed, dying
from tests.factories import gzipped, load, ndjson, send
from tests.person_store import USER, by, erase, places_of


def place(store: Store, **asked: Any) -> Hold:
    with store.catalog.write() as connection:
        return holds.place(connection, store.layout, store.clock, Criteria(**asked), "a case")


def test_a_hold_has_a_file_with_its_conditions(store: Store) -> None:
    placed = place(store, user="ada", host="Wiki.Example:443")

    found = hold_files.read(store.layout, placed.id)

    assert found is not None
    assert (found["user"], found["host"], found["reason"]) == ("ada", "wiki.example", "a case")
    assert hold_files.ids(store.layout) == {placed.id}


def test_the_file_is_there_before_the_entry_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = 0
    while True:
        number += 1
        try:
            with dying(monkeypatch, Dying(number)):
                place(store, user="ada")
        except Killed:
            with store.catalog.read() as connection:
                entered = set(connection.scalars(select(table_of_holds.c.id)))
            assert entered <= hold_files.ids(store.layout)
            continue
        break
    assert number > 1


def test_a_start_writes_the_files_that_an_older_version_did_not(store: Store) -> None:
    placed = place(store, user="ada")
    with store.catalog.write() as connection:
        holds.release(connection, store.clock, placed.id, "over")
    shutil.rmtree(store.layout.holds)

    Store.create(store.layout.root, store.clock, store.limits).catalog.close()

    found = hold_files.read(store.layout, placed.id)
    assert found is not None
    assert found["release_reason"] == "over"


def test_an_erasure_blanks_the_name_in_the_file_of_a_released_hold(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    placed = place(store, user=USER, host="h.example")
    with store.catalog.write() as connection:
        holds.release(connection, store.clock, placed.id, "over")
    # Of a hold that was never entered, because its process died.
    orphan = store.layout.holds / "0123456789abcdef.json"
    orphan.write_bytes(orjson.dumps({"id": orphan.stem, "user": USER}))

    erase(store)

    assert places_of(store.layout.root) == []
    found = hold_files.read(store.layout, placed.id)
    assert found is not None
    assert (found["user"], found["host"]) == (None, "h.example")


def test_a_file_that_is_no_hold_is_an_error_that_names_it(store: Store) -> None:
    store.layout.holds.mkdir()
    (store.layout.holds / "x.json").write_bytes(b"{}")

    with pytest.raises(StoreDamaged, match=r"x\.json: it is not the file of a hold"):
        hold_files.read(store.layout, "x")
    assert hold_files.read(store.layout, "y") is None
