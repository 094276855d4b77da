"""A connection to the catalog of another folder is closed before it is used."""

import sqlite3
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.databases import sqlite_engine as catalog_engine
from store.catalog.databases.sqlite_engine import LOCK_LOOK_SECONDS, PRAGMAS, engine_on
from store.catalog.read_only import LOCK_SECONDS_MAX
from store.errors import FolderReplaced
from store.store import Store
from tests.factories import Clock
from tests.store.conftest import LIMITS


def test_a_writer_looks_for_the_lock_at_equal_short_intervals(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite's own intervals grow, so that a receipt would wait long after the lock is free."""
    holder = sqlite3.connect(store.layout.catalog, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    looks = list[float]()

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 50:
            holder.rollback()

    clock = SimpleNamespace(sleep=sleep, monotonic=time.monotonic)
    monkeypatch.setattr(catalog_engine, "time", clock)
    with store.catalog.write() as connection:
        waits = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()

    assert looks == [LOCK_LOOK_SECONDS] * 50
    assert waits == LOCK_SECONDS_MAX * 1000, "reading still waits for the recovery of the log"
    holder.close()


def test_a_folder_that_is_replaced_while_a_connection_is_made_gets_none(
    store: Store, tmp_path: Path
) -> None:
    root, other = store.layout.root, tmp_path / "other"
    Store.create(other, Clock(), LIMITS).catalog.close()
    engine = engine_on(store.layout.catalog, PRAGMAS, FolderIdentity.of(store.layout))

    # Listeners are called in order: this one after the folder was compared for the first time.
    @event.listens_for(engine, "do_connect")
    def replace(*_: object) -> None:
        root.rename(tmp_path / "away")
        other.rename(root)

    with pytest.raises(FolderReplaced, match="moved away or replaced") as refused:
        engine.connect()

    # `refused` keeps what the call used, so that nothing but the call itself closes it.
    assert _open_below(root) == []
    assert refused.tb is not None
    engine.dispose()


def _open_below(folder: Path) -> list[Path]:
    """What this process has open in the folder."""
    seen = list[Path]()
    for link in Path("/proc/self/fd").iterdir():
        if link.is_symlink() and link.readlink().is_relative_to(folder):
            seen.append(link.readlink())
    return seen
