"""The columns of a dataset, as SQL names them, are those its parts have."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.compaction import deduplication
from store.parquet import dataset_columns
from store.parquet.fingerprint import fingerprint
from store.reading import relations
from store.reading.snapshot import Snapshot
from store.store import Store
from tests.factories import NOW, gzipped, login, ndjson, record, send
from tests.store.compaction.test_compactor import compact, load, settle

ALL = sorted(dataset_columns.known())


def described(connection: duckdb.DuckDBPyConnection, name: str) -> list[tuple[str, str]]:
    found = connection.execute(f"DESCRIBE {name}").fetchall()
    return [(column, kind) for column, kind, *_ in found]


@pytest.mark.parametrize("name", ALL)
def test_sql_declares_the_types_that_arrow_has(name: str) -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"CREATE TABLE declared ({dataset_columns.declared(dataset_columns.shape(name))})"
        )
        connection.from_arrow(dataset_columns.shape(name).empty_table()).create("arrow")

        assert described(connection, "declared") == described(connection, "arrow")


@pytest.mark.parametrize("name", ALL)
def test_a_view_is_the_same_whoever_noted_what_its_parts_hold(tmp_path: Path, name: str) -> None:
    """As the loader writes parts, and as a compaction does; with and without their fingerprint."""
    merged = pa.Table.from_pylist([{}], schema=dataset_columns.shape(name))
    loaded = merged.drop_columns(deduplication.MARKS.names) if name != "rejected" else merged
    # The order is no part of a fingerprint.
    loaded = loaded.select(loaded.column_names[::-1])
    folder = tmp_path / "date=2026-11-20"
    folder.mkdir()
    paths = (folder / "it's loaded.parquet", folder / "merged.parquet")
    for path, table in zip(paths, (loaded, merged), strict=True):
        pq.write_table(table, path)
    noted = {path: fingerprint(pq.read_schema(path)) for path in paths}

    views = []
    for columns in (noted, {}):
        taken = Snapshot(
            sequence=1,
            taken_at=NOW,
            files={name: paths},
            columns=columns,
            pending_batches=0,
            lag_seconds=0.0,
        )
        with duckdb.connect(":memory:") as connection:
            relations.define(connection, taken)
            tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            rows = connection.execute(f"FROM {name}").fetchall()
            views.append((described(connection, name), rows))
            assert ((f"columns_of_{name}",) in tables) != bool(columns), "the other way was taken"

    assert views[0] == views[1]
    assert len(views[0][1]) == 2


def test_every_writer_records_the_columns_of_its_parts(store: Store) -> None:
    """Else every view were of the slow kind."""
    for _ in range(2):
        send(store, gzipped(ndjson(record()) + b"no json\n"))
        send(store, gzipped(ndjson(login())), "access_requests")
        load(store)
    loaded = store.snapshot()
    settle(store)
    compact(store)
    merged = store.snapshot()

    assert (
        loaded.files.keys()
        == merged.files.keys()
        == {"access_requests", "http_requests", "rejected"}
    )
    for taken in (loaded, merged):
        for name, paths in taken.files.items():
            assert all(dataset_columns.held(name, taken.columns[path]) for path in paths)
    assert not set(loaded.files["http_requests"]) & set(merged.files["http_requests"])
