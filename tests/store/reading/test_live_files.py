"""A question opens the catalog by itself, whichever version wrote it."""

from datetime import timedelta
from pathlib import Path

import pytest

from store.catalog.scope import Scope
from store.errors import CatalogMissing, StoreDamaged, StoreUnavailable
from store.files.layout import Layout
from store.reading import live_files
from store.registers.verdicts import HOUR
from store.store import Store
from store.timestamps import to_text
from tests.factories import NOW, Clock, load, ndjson, old_store, record, send


def test_a_store_of_version_0_1_is_migrated_by_the_first_question(tmp_path: Path) -> None:
    layout = Layout(old_store(tmp_path / "data"))

    taken = live_files.snapshot(layout, NOW)

    with Store.open(layout.root, Clock()) as store:
        assert store.snapshot() == taken
    assert taken.files["http_requests"]


def test_a_folder_without_a_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=f"no store at {tmp_path}"):
        live_files.snapshot(Layout(tmp_path), NOW)


def test_a_store_without_its_catalog_names_the_command_that_helps(store: Store) -> None:
    send(store, b'{"RayID":"1"}\n')
    store.layout.catalog.unlink()

    with pytest.raises(CatalogMissing, match="raytrail rebuild"):
        live_files.snapshot(store.layout, NOW)


def test_a_catalog_that_is_no_database_is_damage(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    layout.catalog.write_bytes(b"no database, whatever its name says" * 100)

    with pytest.raises(StoreDamaged, match="catalog"):
        live_files.snapshot(layout, NOW)


def test_a_snapshot_of_a_person_says_when_requests_of_anybody_were_received(store: Store) -> None:
    def at(*hours: float) -> bytes:
        times = [to_text(NOW - timedelta(hours=hour)) for hour in hours]
        return ndjson(*[record(EdgeStartTimestamp=time, EdgeEndTimestamp=time) for time in times])

    for hours in ((9, 8.5), (7.6,), (4, 2), (3, 2.5)):
        send(store, at(*hours))
        load(store)
    scope = Scope(dataset="http_requests", users=("nobody",))

    found = live_files.snapshot(store.layout, NOW, scope).received

    ago = [((NOW - since) / HOUR, (NOW - until) / HOUR) for since, until in found]
    # The files of 9 to 8.5 and of 7.6 are less than an hour apart.
    assert ago == [(9, 7.6), (4, 2)]
    assert live_files.snapshot(store.layout, NOW).received == ()
