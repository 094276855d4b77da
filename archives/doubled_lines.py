"""Counts the lines without an id of their own that an import has added to equal lines of others."""

from collections.abc import Sequence
from importlib import resources

import duckdb

from archives.held_requests import CONFIG
from store.catalog.scope import Scope
from store.compaction import deduplication
from store.parquet.dataset_columns import quoted
from store.reading import relations
from store.registers import loaded_batches
from store.store import Store


def doubled_lines(store: Store, batch_ids: Sequence[str]) -> int | None:
    """Over all datasets. The batches are loaded.

    None if the lines cannot be compared: there are too many, or a file of the store is damaged.
    """
    found = loaded_batches.by_dataset(store.catalog, batch_ids)
    try:
        return sum(_in_dataset(store, dataset, ids) for dataset, ids in sorted(found.items()))
    except (duckdb.OutOfMemoryException, duckdb.InvalidInputException, duckdb.IOException):
        return None


def _in_dataset(store: Store, dataset: str, batch_ids: list[str]) -> int:
    field = deduplication.id_field(dataset)
    record_id = quoted(field) if field else "NULL::VARCHAR"
    with duckdb.connect(":memory:", config=CONFIG) as connection:
        snapshot = store.snapshot(Scope(dataset=dataset))
        if not snapshot.files.get(dataset):
            return 0
        relations.define(connection, snapshot, only=[dataset])
        # Only names stand in this text, and they are quoted.
        view = f"SELECT *, {record_id} AS record_id FROM {quoted(dataset)}"  # noqa: S608
        connection.execute(f'CREATE VIEW "compared lines" AS {view}')
        query = resources.files("archives").joinpath("sql/doubled_lines.sql")
        found = connection.execute(query.read_text(encoding="utf-8"), {"batches": batch_ids})
        return int((found.fetchone() or (0,))[0])
