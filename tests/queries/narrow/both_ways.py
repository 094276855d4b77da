"""The same rows by the narrow reader and by DuckDB."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select, update

from queries.engine import open_engine
from queries.errors import QueryFailed
from store.catalog.tables import files
from store.parquet import dataset_columns
from store.parquet.footer_check import footer_columns, mark_of
from store.reading.narrow.outcome import Outcome, Rows
from store.reading.narrow.reader import NarrowReader, narrow_reader
from store.store import Store

pytest.importorskip("native._native", reason="without Rust DuckDB answers")

DATASET = "http_requests"

Row = tuple[Any, ...]


def columns(dataset: str = DATASET) -> list[str]:
    """All but lists, which the reader refuses."""
    shape = dataset_columns.shape(dataset)
    return [each.name for each in shape if not str(each.type).startswith("list")]


def know_footers(store: Store) -> None:
    """As if this version had written every file."""
    with store.catalog.write() as connection:
        for path in connection.scalars(select(files.c.path)).all():
            mark = footer_columns(mark_of(store.layout.root / path))
            connection.execute(update(files).where(files.c.path == path).values(**mark))


def reader_of(store: Store, **options: Any) -> NarrowReader:
    found = narrow_reader(store.layout, {}, **options)
    assert found is not None, "the native reader is not built"
    return found


def paths_of(store: Store, dataset: str = DATASET) -> tuple[Path, ...]:
    return tuple(store.snapshot().files.get(dataset, ()))


def users_of(store: Store, dataset: str = DATASET) -> list[str]:
    statement = f"select distinct user_id from {dataset} where user_id is not null order by all"
    return [user for (user,) in by_duckdb(store, statement)]


def by_duckdb(store: Store, statement: str, **bound: Any) -> list[Row]:
    with open_engine(store.snapshot()) as engine:
        return list(engine.run(statement, bound, QueryFailed).rows)


def rows_by_duckdb(store: Store, users: Sequence[str], dataset: str = DATASET) -> list[Row]:
    listed = ", ".join(_microseconds(dataset, name) for name in columns(dataset))
    statement = f"select {listed} from {dataset} where list_contains($users, user_id)"
    return in_order(by_duckdb(store, statement, users=list(users)))


def rows_of(outcome: Outcome) -> list[Row]:
    assert isinstance(outcome, Rows), outcome
    held = (
        each.cast(pa.int64()) if pa.types.is_timestamp(each.type) else each
        for each in outcome.batch.columns
    )
    return in_order(zip(*(each.to_pylist() for each in held), strict=True))


def _microseconds(dataset: str, name: str) -> str:
    is_time = pa.types.is_timestamp(dataset_columns.shape(dataset).field(name).type)
    quoted = dataset_columns.quoted(name)
    return f"epoch_us({quoted})" if is_time else quoted


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=repr)


def demand_equal(store: Store, users: Sequence[str], dataset: str = DATASET) -> int:
    """Of each user alone and of all of them: how many rows they have."""
    reader, paths, rows = reader_of(store), paths_of(store, dataset), 0
    for some in (*((user,) for user in users), tuple(users)):
        told = rows_of(reader.of_users(dataset, paths, some, columns(dataset)))
        assert told == rows_by_duckdb(store, some, dataset)
        rows = len(told)
    return rows
