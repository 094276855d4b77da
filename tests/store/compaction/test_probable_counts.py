"""A store that was merged by an older version gets its number of probable duplicates."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from raytrail.service.compactor import Compacting
from store.catalog import counts
from store.catalog.tables import files
from store.compaction import probable_counts
from store.store import Store
from tests.command import Command
from tests.edge import Heard
from tests.factories import gzipped, ndjson, record, send
from tests.golden_stores import STORES, golden_store
from tests.store.compaction.test_compactor import compact, load, settle

WITHOUT_ID = {name: value for name, value in record().items() if name != "RayID"}


def older(store: Store) -> Store:
    """A store with two merged files, three marked rows, and a catalog without their numbers."""
    for path, times in (("/a", 3), ("/b", 2)):
        day = {"EdgeStartTimestamp": f"2026-11-2{times - 2}T09:00:00Z"}
        for batch in range(times):
            equal = WITHOUT_ID | {"ClientRequestURI": path} | day
            send(store, gzipped(ndjson(equal, record(RayID=f"{times}{batch}", **day))))
            load(store)
    settle(store)
    compact(store)
    assert number(store) == 3
    store.catalog.close()
    with closing(sqlite3.connect(store.layout.catalog)) as catalog, catalog:
        catalog.execute("ALTER TABLE files DROP COLUMN probable")
        catalog.execute("DELETE FROM counts WHERE measure = 'probable_duplicates'")
        catalog.execute("DELETE FROM facts WHERE name = 'probable_counted'")
    return Store.create(store.layout.root, store.clock, store.limits)


def number(store: Store) -> int:
    return store.status().datasets["http_requests"].probable_duplicates


def test_the_compactor_of_the_service_counts_them(store: Store) -> None:
    with older(store) as again:
        assert number(again) == 0
        Compacting(again, Heard())._work()

        assert number(again) == 3
        with again.catalog.read() as connection:
            assert counts.scan(connection) == counts.read(connection)


def test_a_compaction_by_hand_counts_them(store: Store, raytrail: Command) -> None:
    older(store).catalog.close()

    raytrail("compact", "--data", store.layout.root)

    ended = raytrail("status", "--data", store.layout.root)
    assert "(3 probable duplicates)" in ended.stdout


def test_a_damaged_file_does_not_stop_the_count_of_the_others(store: Store) -> None:
    with older(store) as again:
        path = max(again.layout.parts.rglob("*.parquet"))
        path.write_bytes(path.read_bytes()[:-1])
        with again.file_swap().locked():
            probable_counts.complete(again.file_swap())

        assert number(again) in {1, 2}


def test_they_are_counted_once(store: Store) -> None:
    with older(store) as again, again.file_swap().locked():
        probable_counts.complete(again.file_swap())
        with again.catalog.write() as connection:
            connection.execute(update(files).values(probable=0))
            counts.fill(connection)
        probable_counts.complete(again.file_swap())

        assert number(again) == 0


@pytest.mark.parametrize("name", STORES)
def test_a_store_of_an_earlier_version_without_any_has_none(
    tmp_path: Path, name: str, store: Store
) -> None:
    with Store.create(golden_store(tmp_path / "old", name), store.clock, store.limits) as old:
        with old.file_swap().locked():
            probable_counts.complete(old.file_swap())

        assert number(old) == 0
