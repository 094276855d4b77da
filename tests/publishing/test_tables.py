"""A published table shows the live files of one moment, and lets an engine skip most of them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyiceberg.expressions import EqualTo
from pyiceberg.table import Table

from publishing import manifests, state
from publishing.errors import NotPublished
from publishing.manifests import FILES_OF_A_MANIFEST
from publishing.places import DATASETS
from schema.columns import OWN_IDS
from store.intake.limits import IntakeLimits
from store.parquet import dataset_columns
from store.parquet.stored_columns import field_id
from store.reading.tables.table_files import TableFile
from store.store import Store
from tests.command import Command
from tests.factories import NO_RESERVE, Clock, compact, gzipped, load, ndjson, send
from tests.golden_stores import golden_store
from tests.person_store import USER, by, erase, everything, lived_in, request
from tests.publishing.reading import (
    LOGINS,
    REQUESTS,
    in_catalog,
    in_folder,
    objects,
    planned,
    publisher,
    rows,
)
from tests.store.conftest import Built


def live(store: Store, dataset: str = REQUESTS) -> set[Path]:
    return set(store.snapshot().files.get(dataset, ()))


def without_nulls(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    held = [{name: value for name, value in row.items() if value is not None} for row in found]
    return sorted(held, key=lambda row: (row["batch_id"], row["line_number"]))


@pytest.mark.parametrize("read", [in_catalog, in_folder])
def test_a_table_has_every_row_of_the_live_files_after_merges_and_an_erasure(
    built: Built, read: Any
) -> None:
    store, _ = built(lived_in)
    publisher(store).publish()

    for change in (lambda: None, lambda: compact(store), lambda: erase(store)):
        change()
        done = publisher(store).publish()
        for dataset in (REQUESTS, LOGINS):
            table = read(store, dataset)
            assert planned(table) == live(store, dataset)
            assert without_nulls(rows(table)) == everything(store)[dataset]
            assert done.tables[dataset].rows == len(everything(store)[dataset])


def test_a_table_and_a_trail_have_the_same_requests(built: Built, raytrail: Command) -> None:
    store, _ = built(lived_in)
    done = raytrail("publish", "--data", store.layout.root)
    told = raytrail("trail", "--user", USER, "--exactly", "--json", "--data", store.layout.root)

    assert done.returncode == 0, done.stderr
    found = rows(in_catalog(store), f"user_id = '{USER}'")
    assert {row["RayID"] for row in found} == {"0a01", "0b10", "0b11", "0c01", "0c03"}
    assert len(told.stdout.splitlines()) == len(found)
    assert all(f'"ray_id":"{row["RayID"]}"' in told.stdout for row in found)


def test_a_file_without_the_user_or_the_time_is_not_opened(store: Store) -> None:
    for number in range(8):
        day = f"2026-11-{number + 10}"
        users = (by(f"user-{number}", EdgeStartTimestamp=f"{day}T10:00:00Z"),)
        send(store, gzipped(ndjson(*users)))
        load(store)
    send(store, gzipped(ndjson(by(None, EdgeStartTimestamp="2026-11-18T10:00:00Z"))))
    load(store)
    publisher(store).publish()
    table = in_catalog(store)

    assert len(planned(table)) == 9
    assert len(planned(table, "user_id = 'user-3'")) == 1
    assert len(planned(table, "user_id = 'user-30'")) == 0
    assert len(planned(table, "user_id >= 'user-3' and user_id <= 'user-4'")) == 2
    assert len(planned(table, "event_time >= '2026-11-12T10:00:00+00:00'")) == 7
    assert len(planned(table, "event_time > '2026-11-12T10:00:00+00:00'")) == 6
    assert len(planned(table, "event_time < '2026-11-12T10:00:00+00:00'")) == 2
    # The file without any user has none of this one, and all of nobody.
    assert len(planned(table, "user_id is null")) == 9
    assert len(rows(table, "user_id is null")) == 1


def test_every_file_has_the_ids_of_the_columns_of_its_table(built: Built) -> None:
    store, _ = built(lived_in)
    publisher(store).publish()

    for dataset in (REQUESTS, LOGINS):
        columns = {each.field_id: each.name for each in in_catalog(store, dataset).schema().fields}
        for path in live(store, dataset):
            held = {field_id(each): each.name for each in pq.read_schema(path)}
            assert held.items() <= columns.items()


@pytest.mark.parametrize("dataset", DATASETS)
def test_no_two_columns_of_a_table_differ_in_letter_case_alone(dataset: str) -> None:
    names = [name.lower() for name in dataset_columns.shape(dataset).names]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["format-2", "ledger", "facts"])
def test_a_store_of_an_earlier_version_is_published_with_the_columns_of_this_one(
    tmp_path: Path, name: str
) -> None:
    data = golden_store(tmp_path / "data", name)
    with Store.open(data, Clock()) as store:
        publisher(store).publish()
        send(store, gzipped(ndjson(by("later"))))
        load(store)
        publisher(store).publish()

        assert len(rows(in_catalog(store))) == len(everything(store)[REQUESTS])
        assert len(rows(in_catalog(store), "user_id = 'later'")) == 1


def test_a_file_of_the_first_format_is_refused_until_it_is_written_again(
    tmp_path: Path, raytrail: Command
) -> None:
    data = golden_store(tmp_path / "data", "format-1")

    refused = raytrail("publish", "--data", data)
    asked = raytrail("doctor", "--data", data)
    raytrail("compact", "--rewrite", "--data", data)
    done = raytrail("publish", "--data", data)

    assert f"{REQUESTS}        not published: " in refused.stdout
    assert "of an older format, in which a time has no zone" in refused.stdout
    assert "this dataset has no published table" in asked.stdout
    assert "not published" not in done.stdout
    with Store.open(data, Clock()) as store:
        assert len(rows(in_catalog(store))) == len(everything(store)[REQUESTS])


def test_a_table_without_files_any_more_is_empty(store: Store) -> None:
    send(store, gzipped(ndjson(by(USER))))
    load(store)
    publisher(store).publish()
    erase(store)

    done = publisher(store).publish()

    assert done.tables[REQUESTS].files == 0
    assert rows(in_catalog(store)) == rows(in_folder(store)) == []


def test_nothing_is_written_where_nothing_changed(built: Built) -> None:
    store, _ = built(lived_in)
    first = publisher(store).publish()
    before = objects(store)
    send(store, gzipped(ndjson(by("zoe"))), LOGINS)
    load(store)

    second = publisher(store).publish()

    assert second.tables[REQUESTS] == first.tables[REQUESTS]
    assert second.tables[LOGINS].version == first.tables[LOGINS].version + 1
    assert objects(store) == before


def table_files(count: int, *, without: int | None = None) -> Iterator[TableFile]:
    for number in range(count):
        if number != without:
            yield TableFile(
                path=f"parts/{number}",
                # Spread like hashes.
                sha256=f"{number * 2654435761 % 2**32:08x}{'0' * 56}",
                bytes=1,
                rows=1,
                time_min=None,
                time_max=None,
                user_min=None,
                user_max=None,
                added_sequence=number,
                format=2,
            )


def test_a_file_more_or_less_changes_one_or_two_manifests_of_many() -> None:
    whole = [tuple(each) for each in manifests.groups(list(table_files(10_000)))]

    more = [tuple(each) for each in manifests.groups(list(table_files(10_001)))]
    less = [tuple(each) for each in manifests.groups(list(table_files(10_000, without=5_000)))]

    assert sum(map(len, whole)) == 10_000
    assert 0.5 < len(whole) * FILES_OF_A_MANIFEST / 10_000 < 2
    assert len(set(more) - set(whole)) == 1
    assert len(set(less) - set(whole)) == 1


def test_the_same_files_have_the_same_manifests_however_often_they_are_published(
    store: Store,
) -> None:
    for number in range(3):
        send(store, gzipped(ndjson(by("ada", RayID=f"{number}"))))
        load(store)
    publisher(store).publish()
    before = {name for name in objects(store) if name.endswith(".avro")}
    (store.layout.published / state.NAME).unlink()

    publisher(store).publish()

    assert {name for name in objects(store) if name.endswith(".avro")} == before


def test_times_are_exact_to_the_microsecond(store: Store) -> None:
    time = "2026-11-20T09:51:07.123456789Z"
    send(store, gzipped(ndjson(by("ada", EdgeStartTimestamp=time))))
    load(store)
    publisher(store).publish()
    table = in_catalog(store)

    [row] = rows(table)

    assert row["event_time"] == datetime(2026, 11, 20, 9, 51, 7, 123456, tzinfo=UTC)
    assert row["EdgeStartTimestamp_ns"] == 789
    assert len(planned(table, "event_time >= '2026-11-20T09:51:07.123456+00:00'")) == 1
    assert len(planned(table, "event_time >= '2026-11-20T09:51:07.123457+00:00'")) == 0


def test_a_damaged_file_stays_in_the_table_so_that_no_row_is_missing_unnoticed(
    store: Store,
) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    [path] = live(store)
    path.unlink()

    publisher(store).publish()

    assert planned(in_catalog(store)) == {path}
    with pytest.raises(FileNotFoundError):
        rows(in_catalog(store))


def test_engines_find_the_files_at_the_path_that_they_see(store: Store) -> None:
    send(store, gzipped(ndjson(by("ada"))))
    load(store)
    [path] = live(store)
    seen = Path("/srv/audit")

    publisher(store, root=seen).publish()

    metadata = (store.layout.published / REQUESTS / "metadata" / "v1.metadata.json").read_text()
    assert f'"location":"file:///srv/audit/published/{REQUESTS}"' in metadata
    assert str(store.layout.root) not in metadata
    [manifest] = [
        name for name in objects(store) if name.endswith(".avro") and not name.startswith("snap")
    ]
    listed = (store.layout.published / REQUESTS / "metadata" / manifest).read_bytes()
    assert f"file:///srv/audit/{store.layout.relative(path)}".encode() in listed


def test_a_folder_that_no_location_can_name_is_refused(tmp_path: Path) -> None:
    with Store.create(tmp_path / "a#b", Clock(), IntakeLimits(reserve=NO_RESERVE)) as store:
        send(store, gzipped(ndjson(by("ada"))))
        load(store)

        with pytest.raises(NotPublished, match="a table cannot lie in a folder with one of"):
            publisher(store).publish()


def test_the_columns_that_prune_have_the_ids_of_the_schema() -> None:
    columns = dataset_columns.shape(REQUESTS)

    for name in ("event_time", "user_id"):
        assert field_id(columns.field(name)) == OWN_IDS[name]


def test_a_name_of_any_characters_is_found(store: Store) -> None:
    odd = "Zoë 'Ω' \U0001f600@x.example"
    send(store, gzipped(ndjson(request(odd, "2026-11-20T10:00:00", "01"), by("ada"))))
    load(store)
    publisher(store).publish()
    table: Table = in_catalog(store)

    found = table.scan(EqualTo(term="user_id", value=odd))

    assert len(list(found.plan_files())) == 1
    assert found.to_arrow().num_rows == 1
