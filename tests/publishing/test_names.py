"""Manifests have names as bounds: an erasure, and retention, leave none of them behind."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.table import StaticTable

from publishing import state, sweeping
from publishing.catching_up import ENTRIES_SEARCHED_MAX, catch_up
from publishing.sweeping import GRACE
from store.catalog import ledger
from store.erasure.remnants.remnant import RemnantKind
from store.erasure.verification import find_remnants
from store.files import durable
from store.store import Store
from tests.command import Command
from tests.factories import Clock, compact, gzipped, load, ndjson, send
from tests.person_store import USER, by, erase, lived_in, places_of
from tests.publishing.reading import REQUESTS, in_catalog, objects, planned, publisher, rows
from tests.store.conftest import Built
from tests.store.retention.test_retention import kept_for, receive, retain

AN_ERASURE = ("--reason", "request 17", "--yes-remove")


def published_names(store: Store, user: str = USER) -> list[str]:
    return [path for path in places_of(store.layout.root, user) if path.startswith("published/")]


def in_one_file(store: Store) -> None:
    """The person is alone in a file, so both of its bounds are the name."""
    send(store, gzipped(ndjson(by(USER))))
    send(store, gzipped(ndjson(by("bob"), by("cleo"))))
    load(store)


def test_the_check_finds_a_name_in_a_manifest(built: Built) -> None:
    store, _ = built(in_one_file)
    publisher(store).publish()

    found = {each.path: each.kind for each in find_remnants(store.layout, store.catalog, USER)}

    [path] = published_names(store)
    assert found[path] is RemnantKind.BYTES


@pytest.mark.parametrize("is_on", [True, False])
def test_an_erased_name_is_in_no_byte_of_the_folder_and_no_older_snapshot_can_be_read(
    built: Built, raytrail: Command, monkeypatch: pytest.MonkeyPatch, is_on: bool
) -> None:
    store, _ = built(lived_in)
    publisher(store).publish()
    # A merge leaves an older version behind, within its grace.
    compact(store)
    publisher(store).publish()
    before = in_catalog(store)
    snapshot = before.current_snapshot()
    assert snapshot is not None
    assert published_names(store)
    if is_on:
        monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")

    data = store.layout.root
    tried = raytrail("erase", "--data", data, "--user", USER, "--dry-run", "--json")
    count = str(json.loads(tried.stdout)["count"])
    done = raytrail("erase", "--data", data, "--user", USER, *AN_ERASURE, count)

    assert done.returncode == 0, done
    assert "nothing is left" in done.stdout
    assert places_of(data) == []
    with pytest.raises(FileNotFoundError):
        rows(before)
    with pytest.raises(FileNotFoundError):
        StaticTable.from_metadata(before.metadata_location)
    if is_on:
        with pytest.raises(ValueError, match="Snapshot not found"):
            in_catalog(store).scan(snapshot_id=snapshot.snapshot_id).to_arrow()
        assert rows(in_catalog(store), f"user_id = '{USER}'") == []
        assert planned(in_catalog(store)) == set(store.snapshot().files[REQUESTS])
    else:
        with pytest.raises(NoSuchTableError):
            in_catalog(store)


def test_an_erasure_is_not_complete_while_a_table_has_the_name(
    built: Built, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(in_one_file)
    publisher(store).publish()
    data = store.layout.root
    real = durable.remove

    def refused(path: Path, *, synced: bool = True) -> None:
        if path.is_relative_to(store.layout.published) and path.suffix == ".avro":
            raise OSError("this disk deletes nothing")
        real(path, synced=synced)

    with monkeypatch.context() as patch:
        patch.setattr(durable, "remove", refused)
        failed = raytrail("erase", "--data", data, "--user", USER, *AN_ERASURE, "2")
    assert published_names(store)
    again = raytrail("erase", "--data", data, "--user", USER, *AN_ERASURE, "2")

    assert failed.returncode == 2
    assert "published/ may still have the name" in failed.stderr
    assert USER not in failed.stderr
    assert again.returncode == 0, again
    assert places_of(data) == []


def test_where_nothing_can_be_published_an_erasure_deletes_the_tables(
    built: Built, raytrail: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = built(in_one_file)
    publisher(store).publish()
    data = store.layout.root
    monkeypatch.setenv("RAYTRAIL_PUBLISH", "true")
    monkeypatch.setitem(sys.modules, "pyiceberg", None)

    done = raytrail("erase", "--data", data, "--user", USER, *AN_ERASURE, "2")

    assert done.returncode == 0, done
    assert places_of(data) == []
    assert list(sweeping.objects(store.layout)) == []
    assert "pyiceberg is not installed" in raytrail("status", "--data", data).stdout


def test_retention_leaves_no_older_version(built: Built) -> None:
    store, _ = built(_of_two_months)
    publisher(store).publish()
    assert published_names(store, "olga")

    retain(store, kept_for(20))
    publisher(store).publish()

    assert published_names(store, "olga") == []
    assert len(objects(store)) == 4  # a manifest, the list of it, the metadata and the hint


def _of_two_months(store: Store) -> None:
    receive(store, "2026-10-01T12:00:00", "olga")
    receive(store, "2026-11-10T12:00:00", "bob")


def test_an_older_version_stays_for_a_query_that_began_and_no_longer(built: Built) -> None:
    store, _ = built(in_one_file)
    publisher(store).publish()
    first = in_catalog(store)
    send(store, gzipped(ndjson(by("zoe"))))
    load(store)
    clock = store.clock
    assert isinstance(clock, Clock)

    publisher(store).publish()
    assert len(rows(first)) == 3
    clock.move(seconds=GRACE.total_seconds() - 1)
    publisher(store).publish()
    assert len(rows(first)) == 3
    clock.move(seconds=1)
    publisher(store).publish()

    with pytest.raises(FileNotFoundError):
        rows(first)
    assert len(rows(in_catalog(store))) == 4


def test_a_table_of_another_ledger_is_not_kept(built: Built) -> None:
    store, _ = built(in_one_file)
    publisher(store).publish()
    older = in_catalog(store)
    written = store.layout.published / state.NAME
    known = orjson.loads(written.read_bytes())
    # As if the catalog had been made again without the ledger, with other entries.
    written.write_bytes(orjson.dumps({**known, "digest": "0" * 64, "change": [0, 0]}))
    send(store, gzipped(ndjson(by("zoe"))))
    load(store)

    publisher(store).publish()

    with pytest.raises(FileNotFoundError):
        rows(older)


@pytest.mark.parametrize("entries", [ENTRIES_SEARCHED_MAX - 1, ENTRIES_SEARCHED_MAX])
def test_a_search_for_removals_goes_on_where_the_last_one_ended(built: Built, entries: int) -> None:
    store, _ = built(in_one_file)
    done = publisher(store).publish()
    with store.catalog.write() as connection:
        ledger.append_all(connection, "test", store.clock(), [{}] * entries)

    assert catch_up(store, None, is_on=False) == ""

    searched = done.sequence + entries if entries == ENTRIES_SEARCHED_MAX else 0
    assert state.read(store.layout) == replace(done, searched=searched)
    erase(store)
    assert catch_up(store, None, is_on=False) == ""
    assert state.read(store.layout) is None
    assert published_names(store) == []


def test_withdrawing_deletes_every_published_file(built: Built, raytrail: Command) -> None:
    store, _ = built(in_one_file)
    raytrail("publish", "--data", store.layout.root)
    parts = store.snapshot().files

    done = raytrail("publish", "--withdraw", "--data", store.layout.root)

    assert done.returncode == 0
    assert [path for path in store.layout.published.rglob("*") if path.is_file()] == []
    assert store.snapshot().files == parts
    assert "published" not in raytrail("status", "--data", store.layout.root).stdout
