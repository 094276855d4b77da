"""Distant events share one folder, except those of fetched batches, which have their days."""

import os
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import select

from store.catalog import ledger
from store.catalog.migration import migrate
from store.catalog.tables import batches, files
from store.files.layout import OTHER_DAY
from store.intake.draft import Origin
from store.loading.event_days import CLOUDFLARE_BEGAN, FETCHED_DAYS_MAX
from store.store import Store
from tests.factories import Clock, gzipped, ndjson, record, send


def loaded(store: Store, moments: Iterable[datetime]) -> dict[str, int]:
    """Rows in each day's folder, after loading a fetched batch with an event at each moment."""
    lines = [record(EdgeStartTimestamp=f"{moment.isoformat()}Z") for moment in moments]
    send(store, gzipped(ndjson(*lines)), is_fetched=True)
    loader = store.loader()
    while loader.load_next():
        pass
    with store.catalog.read() as connection:
        found = connection.execute(select(files.c.day, files.c.rows))
        return {row.day: row.rows for row in found}


def fetched(store: Store) -> list[bool]:
    with store.catalog.read() as connection:
        return list(connection.scalars(select(batches.c.is_fetched).order_by(batches.c.sequence)))


def test_events_of_a_fetched_batch_lie_in_the_folder_of_their_day(
    store: Store, clock: Clock
) -> None:
    first = datetime.combine(CLOUDFLARE_BEGAN, time.min)
    newest = clock.now + timedelta(days=1)
    moments = [first, first - timedelta(seconds=1), newest, newest + timedelta(days=1)]

    assert loaded(store, moments) == {
        "2010-09-27": 1,
        newest.date().isoformat(): 1,
        OTHER_DAY: 2,
    }


def test_a_fetched_batch_with_the_largest_number_of_days_has_a_folder_for_each(
    store: Store, clock: Clock
) -> None:
    moments = [clock.now - timedelta(days=ago) for ago in range(FETCHED_DAYS_MAX)]

    assert loaded(store, moments) == {moment.date().isoformat(): 1 for moment in moments}


def test_a_fetched_batch_with_more_days_has_folders_for_the_newest(
    store: Store, clock: Clock
) -> None:
    moments = [clock.now - timedelta(days=ago) for ago in range(FETCHED_DAYS_MAX + 1)]

    found = loaded(store, moments)

    assert len(found) == FETCHED_DAYS_MAX + 1
    assert moments[-1].date().isoformat() not in found
    assert found[OTHER_DAY] == 1


def test_the_ledger_entry_of_a_fetched_batch_says_so(store: Store) -> None:
    send(store, gzipped(ndjson(record(RayID="0" * 16))))
    send(store, gzipped(ndjson(record(RayID="1" * 16))), is_fetched=True)

    with store.catalog.read() as connection:
        told = [entry.payload.get("is_fetched") for entry in ledger.walk(connection)]

    assert told == [None, True]
    assert fetched(store) == [False, True]


def test_recovery_keeps_whether_a_batch_was_fetched(store: Store) -> None:
    intake = store.intake()
    for ray, is_fetched in (("0" * 16, True), ("1" * 16, False)):
        draft = intake.open(Origin("http_requests", is_fetched), claims_gzip=False)
        draft.feed(gzipped(ndjson(record(RayID=ray))))
        examined = draft.examined()
        os.link(draft.path, draft.path.parent / f"{examined.sha256}.gz")
        os.close(draft._fd)  # as a dead process does

    assert store.recover().batches_entered == 2

    assert sorted(fetched(store)) == [False, True]
    with store.catalog.read() as connection:
        assert set(connection.scalars(select(batches.c.dataset))) == {"http_requests"}


def test_batches_of_an_older_catalog_count_as_not_fetched(store: Store) -> None:
    send(store, gzipped(ndjson(record())))
    with store.catalog.write() as connection:
        connection.exec_driver_sql("ALTER TABLE batches DROP COLUMN is_fetched")
        migrate(connection)

    assert fetched(store) == [False]
