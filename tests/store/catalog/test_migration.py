"""Opening a catalog of an older version adds what it lacks and keeps what it has."""

import multiprocessing
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, inspect, select

from store.backoff import STEP_SECONDS, Backoff
from store.catalog import counts, ledger, migration
from store.catalog.catalog import Catalog
from store.catalog.databases import sqlite_engine as engine
from store.catalog.opening import create, open_existing
from store.catalog.tables import batches, clock, files
from store.errors import StoreBusy
from store.files.layout import Layout
from store.store import Store
from tests.factories import OLD_STORE, Clock, old_store
from tests.until import PATIENCE_SECONDS

Opened = Callable[[Layout], Catalog]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return old_store(tmp_path / "data")


def test_a_catalog_of_version_0_1_opens_and_keeps_every_entry(old: Path) -> None:
    with Store.open(old, Clock()) as store, store.catalog.read() as connection:
        kinds = [entry.kind for entry in ledger.walk(connection) if entry.is_sound()]
        resends = connection.scalars(select(batches.c.resends)).all()
        columns = set(connection.scalars(select(files.c.columns)))

    assert kinds == ["batch", "batch", "loaded", "loaded"]
    assert resends == [0, 0]
    assert columns == {None}


@pytest.mark.parametrize("opened", [create, open_existing])
def test_opening_an_old_catalog_adds_every_missing_table_column_and_index(
    old: Path, opened: object
) -> None:
    catalog = opened(Layout(old))  # type: ignore[operator]
    with catalog.read() as connection:
        inspector = inspect(connection)
        for table in migration.METADATA.sorted_tables:
            names = {column["name"] for column in inspector.get_columns(table.name)}
            assert names == set(table.columns.keys()), table.name
            indexes = {index["name"] for index in inspector.get_indexes(table.name)}
            assert indexes >= {index.name for index in table.indexes}, table.name
        assert not migration.is_needed(connection, "here")
    catalog.close()


def test_the_running_totals_of_an_old_catalog_are_filled(old: Path) -> None:
    with Store.open(old, Clock()) as store, store.catalog.read() as connection:
        totals = counts.read(connection)

        assert totals == counts.scan(connection)
    assert totals[counts.Key("http_requests", "rows")] == 2
    assert totals[counts.Key("http_requests", "rejected_lines")] == 1
    assert totals[counts.Key("http_requests", "files")] == 2
    assert totals[counts.Key("access_requests", "batches")] == 1


def test_an_old_catalog_without_an_entry_has_no_time_to_trust(store: Store) -> None:
    with store.catalog.write() as connection:
        connection.exec_driver_sql("DROP TABLE clock")
        assert migration.is_needed(connection, "here")

    opened = open_existing(store.layout)

    with opened.read() as connection:
        assert not migration.is_needed(connection, "here")
        assert connection.execute(select(clock)).all() == []
    opened.close()


@pytest.mark.parametrize(
    "dropped",
    [
        "ALTER TABLE batches DROP COLUMN overruled_members",
        "DROP INDEX batches_begun",
        "UPDATE facts SET value = '1' WHERE name = 'format'",
    ],
)
def test_one_missing_column_or_index_or_an_older_format_is_noticed(
    store: Store, dropped: str
) -> None:
    with store.catalog.write() as connection:
        assert not migration.is_needed(connection, "here")
        connection.exec_driver_sql(dropped)

        assert migration.is_needed(connection, "here")

    open_existing(store.layout).close()

    with store.catalog.read() as connection:
        assert not migration.is_needed(connection, "here")


def test_a_catalog_with_more_than_this_version_knows_needs_no_migration(store: Store) -> None:
    with store.catalog.write() as connection:
        connection.exec_driver_sql("ALTER TABLE batches ADD COLUMN of_a_newer_version TEXT")
        connection.exec_driver_sql("CREATE TABLE newer (name TEXT)")
        connection.exec_driver_sql("CREATE INDEX newer_names ON newer (name)")

        assert not migration.is_needed(connection, "here")


def test_a_catalog_of_this_version_is_opened_without_writing(store: Store) -> None:
    holder = sqlite3.connect(store.layout.catalog, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    open_existing(store.layout).close()

    holder.close()


def _open(
    opened: Opened, folders: list[Path], ready: "multiprocessing.synchronize.Barrier"
) -> None:
    for folder in folders:
        ready.wait(PATIENCE_SECONDS)
        opened(Layout(folder)).close()


@pytest.mark.service
@pytest.mark.parametrize(
    ("opened", "made"), [(open_existing, old_store), (create, Path.mkdir)], ids=["old", "new"]
)
def test_several_processes_can_open_a_catalog_at_once(
    opened: Opened, made: Callable[[Path], object], tmp_path: Path
) -> None:
    """Twenty catalogs: before the fix, opening failed for one in six in one of the four processes."""
    folders = [tmp_path / f"data-{number}" for number in range(20)]
    for folder in folders:
        made(folder)
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Barrier(4)
    processes = [spawn.Process(target=_open, args=(opened, folders, ready)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(PATIENCE_SECONDS)

    assert [process.exitcode for process in processes] == [0] * 4
    for folder in folders:
        with Store.open(folder, Clock()) as store, store.catalog.read() as connection:
            assert counts.read(connection) == counts.scan(connection), "filled once, not four times"


def test_opening_a_locked_catalog_waits_and_then_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(engine, "JOURNAL_BACKOFF", Backoff(seconds_max=1.0, sleep=slept.append))
    monkeypatch.setattr(engine, "LOCK_SECONDS_MAX", 0.0)
    path = tmp_path / "catalog.sqlite"
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreBusy, match="locked by another process"):
        create(Layout(tmp_path))
    holder.execute("ROLLBACK")
    create(Layout(tmp_path)).close()

    assert slept == [STEP_SECONDS] * 5
    holder.close()


def test_a_failed_migration_leaves_the_catalog_unchanged(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = MetaData()
    for table in migration.METADATA.sorted_tables:
        table.to_metadata(wrong)
    Table("batches", wrong, Column("never", Integer, nullable=False), extend_existing=True)
    with monkeypatch.context() as patch:
        patch.setattr(migration, "METADATA", wrong)
        with pytest.raises(Exception, match="NOT NULL"):
            open_existing(Layout(old))

    connection = sqlite3.connect(old / "catalog.sqlite")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(batches)")]
    connection.close()
    assert "shape" not in columns


def test_every_added_column_is_nullable_or_has_a_default() -> None:
    old = sqlite3.connect(":memory:")
    old.executescript((OLD_STORE / "catalog.sql").read_text(encoding="utf-8"))
    for table in migration.METADATA.sorted_tables:
        known = {row[1] for row in old.execute(f"PRAGMA table_info({table.name})")}
        for column in table.columns:
            later = bool(known) and column.name not in known
            assert not later or column.nullable or column.server_default is not None
    old.close()
