"""Stores of older versions: their catalogs and ledgers are lost as well."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from store.rebuild.lost_ledger.decisions import ALL, Decisions
from store.rebuild.rebuild import rebuild
from store.store import Store
from tests.catalog_tables import delete, delete_ledger
from tests.conftest import NO_LIMITS
from tests.factories import Clock, old_store
from tests.golden_stores import STORES, golden_store
from tests.person_store import everything

MAKERS: dict[str, Callable[[Path], Path]] = {
    "0.1": old_store,
    **{name: partial(golden_store, name=name) for name in STORES},
}


@pytest.fixture(params=MAKERS)
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    data = MAKERS[request.param](tmp_path / "data")
    return Store.create(data, Clock(), NO_LIMITS)


def test_a_lost_catalog_is_rebuilt_from_the_ledger(older: Store) -> None:
    rows, status = everything(older), older.status()
    older.catalog.close()
    delete(older)

    done = rebuild(older.layout, older.clock, NO_LIMITS)

    assert done.is_whole, done.unknown
    with Store.open(older.layout.root, older.clock, NO_LIMITS) as again:
        assert everything(again) == rows
        assert again.status().digest == status.digest


def test_without_the_ledger_every_row_is_kept(older: Store) -> None:
    rows = everything(older)
    older.catalog.close()
    delete(older)
    delete_ledger(older)

    done = rebuild(older.layout, older.clock, NO_LIMITS, decisions=Decisions(leave_out=[ALL]))

    assert not done.duplicates
    with Store.open(older.layout.root, older.clock, NO_LIMITS) as again:
        assert everything(again) == rows
