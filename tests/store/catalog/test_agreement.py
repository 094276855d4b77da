"""The catalog and `ledger/` are compared before the first write, and followed at every commit."""

import contextlib
import gzip
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from store.errors import CatalogDamaged, LedgerContradicts, StoreDamaged
from store.files.layout import Layout
from store.intake.outcome import Receipt
from store.ledger.ledger_files import ledger_files, read_entries
from store.store import Store
from tests.factories import Clock, gzipped, ndjson, record, send
from tests.store.conftest import LIMITS

KINDS_WITH_A_RESEND = ["batch", "batch", "resend"]


def _opened(data: Path) -> Store:
    return Store.create(data, Clock(), LIMITS)


def _holding(data: Path, rays: Sequence[str]) -> Path:
    """A closed store with a batch for each ray."""
    with _opened(data) as store:
        for ray in rays:
            send(store, gzipped(ndjson(record(RayID=ray))))
    return data


def _give_ledger(source: Path, target: Path) -> None:
    shutil.rmtree(target / "ledger")
    shutil.copytree(source / "ledger", target / "ledger")


def test_a_longer_ledger_of_another_store_is_not_taken_for_an_old_catalog(tmp_path: Path) -> None:
    data = _holding(tmp_path / "data", ["1", "2"])
    _give_ledger(_holding(tmp_path / "other", ["3", "4", "5"]), data)

    with pytest.raises(LedgerContradicts, match="entry 2 is another one in ledger/"):
        _opened(data).recover()


def test_a_ledger_that_is_exchanged_under_a_service_gives_no_receipt(tmp_path: Path) -> None:
    other = _holding(tmp_path / "other", ["3", "4"])
    with _opened(_holding(tmp_path / "data", ["1"])) as store:
        send(store, gzipped(ndjson(record(RayID="2"))))
        _give_ledger(other, store.layout.root)

        with pytest.raises(LedgerContradicts, match="entry 2 is another one in ledger/"):
            send(store, gzipped(ndjson(record(RayID="6"))))
        assert store.status().batches == 2


def test_a_catalog_whose_entries_do_not_follow_one_another_adds_none_to_the_ledger(
    tmp_path: Path,
) -> None:
    data = _holding(tmp_path / "data", ["1", "2", "3"])
    [newest] = ledger_files(Layout(data))
    first = newest.read_bytes().splitlines(keepends=True)[0]
    newest.write_bytes(first)
    with contextlib.closing(sqlite3.connect(data / "catalog.sqlite")) as changed, changed:
        changed.execute("UPDATE entries SET previous = 'changed' WHERE sequence = 2")

    with pytest.raises(LedgerContradicts, match="entry 2 does not follow the last one in ledger/"):
        _opened(data).recover()

    assert newest.read_bytes() == first


def test_a_resend_that_a_power_cut_took_from_the_catalog_is_entered_again(tmp_path: Path) -> None:
    """Its commit was not synced, as its line in `ledger/` was."""
    data = _holding(tmp_path / "data", ["1"])
    lines, again = ndjson(record(RayID="2")), ndjson(record(RayID="2"))
    with _opened(data) as store:
        send(store, gzipped(lines))
        resent = send(store, gzip.compress(again, mtime=1))
        assert isinstance(resent, Receipt)
        assert resent.is_duplicate
        shutil.copytree(data, tmp_path / "cut")
    for name in ("catalog.sqlite-wal", "catalog.sqlite-shm"):
        (tmp_path / "cut" / name).unlink()

    with _opened(tmp_path / "cut") as store:
        store.recover()
        kinds = [entry.kind for entry in read_entries(store.layout)]
        assert kinds == KINDS_WITH_A_RESEND
        assert (store.status().sequence, store.status().batches) == (3, 2)


def test_a_damaged_catalog_without_a_ledger_names_no_rebuild(tmp_path: Path) -> None:
    data = _holding(tmp_path / "data", ["1"])
    shutil.rmtree(data / "ledger")
    (data / "catalog.sqlite").write_bytes(b"no database" * 400)

    with pytest.raises(StoreDamaged) as refused:
        _opened(data)

    assert not isinstance(refused.value, CatalogDamaged)
