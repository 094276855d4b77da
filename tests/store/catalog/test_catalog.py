"""Errors of the catalog can be acted on, and a store checks its file system when it is created."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from store.catalog import opening as catalog
from store.catalog.databases import sqlite_engine as engine
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
from store.files.disk_errors import disk_errors
from store.files.layout import Layout
from store.intake.limits import IntakeLimits
from store.store import Store
from tests.dying import Dying, dying
from tests.factories import NO_RESERVE, Clock, record, send


def test_a_catalog_locked_by_another_process_is_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS_MAX", 0.05)
    holder = sqlite3.connect(store.layout.catalog, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    impatient = catalog.open_existing(store.layout)
    with pytest.raises(StoreBusy), impatient.write():
        pass
    with impatient.read() as connection:
        assert connection.execute(entries.select()).all() == [], "readers are not held up"

    holder.close()
    impatient.close()


def test_a_file_that_is_no_catalog_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "catalog.sqlite"
    path.write_bytes(b"this was never a database" * 100)

    with pytest.raises(StoreDamaged):
        catalog.open_existing(Layout(tmp_path))


def test_a_wrong_sql_statement_is_not_reported_as_a_disk_error(store: Store) -> None:
    wrong = {"sequence": 1, "kind": None, "recorded_at": "", "previous": "", "payload": ""}

    with pytest.raises(DBAPIError), store.catalog.write() as connection:
        connection.execute(insert(entries).values(digest="", **wrong))


def test_an_sql_error_does_not_tell_the_values_it_was_about(store: Store) -> None:
    with pytest.raises(DBAPIError) as failed, store.catalog.read() as connection:
        connection.execute(text("SELECT :who FROM nowhere"), {"who": "srhea"})

    assert "nowhere" in str(failed.value)
    assert "srhea" not in str(failed.value)


def test_a_ledger_write_on_a_full_disk_raises_no_room(store: Store) -> None:
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
def test_a_file_system_without_hard_links_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class NoLinks(Dying):
        def _watched(self, name: str, real: Any) -> Any:
            def refused(*_: Any, **__: Any) -> None:
                raise OSError(number, os.strerror(number))

            return refused if name == "link" else super()._watched(name, real)

    with dying(monkeypatch, NoLinks(None)), pytest.raises(LayoutRefused, match="durably"):
        Layout(tmp_path / "data").make()
    assert list((tmp_path / "data" / "raw").iterdir()) == []


def test_a_file_system_whose_links_replace_files_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "link", lambda _source, _target: True)

    with pytest.raises(LayoutRefused, match="hard links"):
        Layout(tmp_path / "data").make()


@pytest.mark.parametrize(
    ("number", "expected"),
    [(2, StoreUnavailable), (13, StoreUnavailable), (30, StoreUnavailable), (5, DiskFailed)],
)
def test_errors_of_the_operating_system_become_errors_of_the_store(
    number: int, expected: type[Exception]
) -> None:
    with pytest.raises(expected, match="doing it"), disk_errors("doing it"):
        raise OSError(number, os.strerror(number))


def test_a_draft_removed_between_creation_and_lock_is_created_again(
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


def test_a_raw_file_that_a_duplicate_removed_is_linked_again_before_it_is_entered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between link and lock another upload may remove the file; the draft still has its bytes."""
    real = store.catalog.enter
    dropped: list[Path] = []

    def dropping() -> Any:
        for raw in list(store.layout.raw.rglob("*.gz")):
            raw.unlink()
            dropped.append(raw)
        return real()

    monkeypatch.setattr(type(store.catalog), "enter", lambda _self: dropping())
    send(store, b'{"RayID":"1"}\n')

    assert dropped
    assert len(list(store.layout.raw.rglob("*.gz"))) == 1


def test_a_raw_file_that_vanishes_again_is_not_entered(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(durable, "link", lambda _source, _target: True)
        with pytest.raises(StoreUnavailable, match="disappeared"):
            send(store, b'{"RayID":"1"}\n')
    assert store.status().batches == 0


def test_a_catalog_that_can_only_be_read_takes_no_batch(store: Store) -> None:
    frozen = catalog.open_frozen(store.layout.catalog)

    with pytest.raises(StoreUnavailable, match="takes no batches"), frozen.enter():
        pass
    frozen.close()


def test_opening_a_missing_store_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="no store at"):
        Store.open(tmp_path / "typo", Clock())
    assert list(tmp_path.iterdir()) == []


def test_the_content_hash_of_every_batch_is_listed(store: Store) -> None:
    send(store, b'{"RayID":"1"}\n')
    send(store, b'{"RayID":"2"}\n')

    assert len(store.content_hashes()) == 2


def test_a_store_can_be_opened_again(tmp_path: Path) -> None:
    limits = IntakeLimits(reserve=NO_RESERVE)
    for number in range(3):
        with Store.create(tmp_path / "data", Clock(), limits) as store:
            send(store, b'{"RayID":"%d"}\n' % number)
            assert store.status().sequence == number + 1
    assert record()


def test_with_every_connection_in_use_the_store_is_busy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS_MAX", 0.05)
    monkeypatch.setattr(engine, "CONNECTIONS_MAX", 1)
    narrow = catalog.open_existing(store.layout)

    with narrow.read(), pytest.raises(StoreBusy, match="every connection"), narrow.read():
        pass
    narrow.close()
