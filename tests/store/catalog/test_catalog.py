"""The catalog's errors are ones somebody can act on, and its layout is proved at the start."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from store.catalog import catalog
from store.catalog.tables import entries
from store.errors import (
    DiskFailed,
    LayoutRefused,
    NoRoom,
    StoreBusy,
    StoreDamaged,
    StoreUnavailable,
)
from store.files import durable
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.dying import Dying, dying
from tests.factories import NO_RESERVE, Clock, record, send


def test_a_catalog_that_another_holds_is_busy_not_broken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "LOCK_SECONDS_MAX", 0.05)
    holder = sqlite3.connect(store.layout.catalog, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    impatient = catalog.open_existing(store.layout.catalog)
    with pytest.raises(StoreBusy), impatient.write():
        pass
    with impatient.read() as connection:
        assert connection.execute(entries.select()).all() == [], "readers are not held up"

    holder.close()
    impatient.close()


def test_a_catalog_that_is_none_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"this was never a database" * 100)

    with pytest.raises(StoreDamaged):
        catalog.open_existing(path)


def test_a_mistake_of_ours_is_not_dressed_up_as_the_disks(store: Store) -> None:
    wrong = {"sequence": 1, "kind": None, "recorded_at": "", "previous": "", "payload": ""}

    with pytest.raises(DBAPIError), store.catalog.write() as connection:
        connection.execute(insert(entries).values(digest="", **wrong))


def test_an_sql_error_does_not_tell_the_values_it_was_about(store: Store) -> None:
    with pytest.raises(DBAPIError) as failed, store.catalog.read() as connection:
        connection.execute(text("SELECT :who FROM nowhere"), {"who": "srhea"})

    assert "nowhere" in str(failed.value)
    assert "srhea" not in str(failed.value)


def test_a_ledger_write_on_a_full_disk_is_no_room(store: Store) -> None:
    with store.catalog.read() as connection:
        pages = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    with pytest.raises(NoRoom):
        _fill(store, pages)
    with store.catalog.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1073741823")


def _fill(store: Store, pages: int) -> None:
    wide = {"recorded_at": "", "previous": "", "payload": "x" * 1_000, "kind": "x"}
    with store.catalog.write() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(1_000):
            row = {**wide, "sequence": number, "digest": str(number)}
            connection.execute(insert(entries).values(row))


@pytest.mark.parametrize("number", [1, 95])
def test_a_file_system_without_links_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class NoLinks(Dying):
        def _watched(self, name: str, real: Any) -> Any:
            def refused(*_: Any, **__: Any) -> None:
                raise OSError(number, os.strerror(number))

            return refused if name == "link" else super()._watched(name, real)

    with dying(monkeypatch, NoLinks(None)), pytest.raises(LayoutRefused, match="promise"):
        Layout(tmp_path / "data").make()
    assert list((tmp_path / "data" / "raw").iterdir()) == []


def test_a_file_system_whose_links_replace_is_refused_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "link", lambda _source, _target: True)

    with pytest.raises(LayoutRefused, match="replaced"):
        Layout(tmp_path / "data").make()


@pytest.mark.parametrize(
    ("number", "expected"),
    [(2, StoreUnavailable), (13, StoreUnavailable), (30, StoreUnavailable), (5, DiskFailed)],
)
def test_an_error_of_the_system_becomes_one_an_operator_knows(
    number: int, expected: type[Exception]
) -> None:
    with pytest.raises(expected, match="doing it"), durable.disk_errors("doing it"):
        raise OSError(number, os.strerror(number))


def test_a_draft_taken_between_its_creation_and_its_lock_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "draft"
    real, taken = fcntl.flock, list[Path]()

    def sweeper_first(fd: int, how: int) -> None:
        real(fd, how)
        if not taken:
            taken.append(path)
            path.unlink()

    monkeypatch.setattr(fcntl, "flock", sweeper_first)
    fd = durable.create_locked(path)

    assert taken
    assert path.exists()
    assert os.fstat(fd).st_nlink == 1
    os.close(fd)


def test_a_name_that_a_duplicate_dropped_is_linked_again_before_it_is_entered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between link and lock another upload may take the file away; the draft still has it."""
    real = store.catalog.write
    dropped: list[Path] = []

    def dropping() -> Any:
        for raw in list(store.layout.raw.rglob("*.gz")):
            raw.unlink()
            dropped.append(raw)
        return real()

    monkeypatch.setattr(type(store.catalog), "write", lambda _self: dropping())
    send(store, b'{"RayID":"1"}\n')

    assert dropped
    assert len(list(store.layout.raw.rglob("*.gz"))) == 1


def test_a_file_that_keeps_vanishing_is_never_entered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(durable, "link", lambda _source, _target: True)
        with pytest.raises(StoreUnavailable, match="vanished"):
            send(store, b'{"RayID":"1"}\n')
    assert store.status().batches == 0


def test_opening_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no store at"):
        Store.open(tmp_path / "typo", Clock())
    assert list(tmp_path.iterdir()) == []


def test_the_contents_of_every_batch_can_be_listed(store: Store) -> None:
    send(store, b'{"RayID":"1"}\n')
    send(store, b'{"RayID":"2"}\n')

    assert len(store.contents()) == 2


def test_a_store_opens_where_another_left_it(tmp_path: Path) -> None:
    limits = IntakeLimits(reserve=NO_RESERVE)
    for number in range(3):
        with Store.create(tmp_path / "data", Clock(), limits) as store:
            send(store, b'{"RayID":"%d"}\n' % number)
            assert store.status().sequence == number + 1
    assert record()


def test_more_threads_than_connections_are_told_the_store_is_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "LOCK_SECONDS_MAX", 0.05)
    monkeypatch.setattr(catalog, "CONNECTIONS_MAX", 1)
    narrow = catalog.open_existing(store.layout.catalog)

    with narrow.read(), pytest.raises(StoreBusy, match="every connection"), narrow.read():
        pass
    narrow.close()
