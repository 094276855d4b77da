"""Running totals for each dataset, so that a scrape need not add up a million batches.

A transaction that changes `batches` or `files` changes the totals too. `scan` computes them from
scratch; `fill` stores the result in a catalog that has none.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    TextClause,
    delete,
    func,
    select,
    text,
)

from store.catalog.tables import batches, counts, files

CatalogRow: TypeAlias = Mapping[str, Any] | RowMapping

# Measures that are the sum of the column of `batches` with the same name.
SUMMED = (
    "body_bytes",
    "inflated_bytes",
    "resends",
    "rows",
    "rejected_lines",
    "blank_lines",
    "misfits",
    "approximations",
    "unknown_members",
    "overruled_members",
)


class Key(NamedTuple):
    """`label` splits a measure: `shape` by shape, `decoded_rows` by decoder, and so on."""

    dataset: str
    measure: str
    label: str = ""


def change(connection: Connection, changes: Mapping[Key, int]) -> None:
    """Add to the totals. The caller holds the write lock and commits."""
    rows = [
        {**key._asdict(), "amount": amount} for key, amount in sorted(changes.items()) if amount
    ]
    if rows:
        connection.execute(statement("count"), rows)


def read(connection: Connection) -> Counter[Key]:
    query = select(counts.c.dataset, counts.c.measure, counts.c.label, counts.c.amount)
    return Counter({Key(*key): amount for *key, amount in connection.execute(query) if amount})


def of_batch(batch: CatalogRow) -> Counter[Key]:
    """What one row of `batches` adds to the totals; missing columns add nothing."""
    dataset = batch["dataset"]
    found = Counter({Key(dataset, name): batch.get(name) or 0 for name in SUMMED})
    if batch.get("shape"):
        found[Key(dataset, "shape", batch["shape"])] = 1
    if batch.get("decoder"):
        found[Key(dataset, "decoded_rows", batch["decoder"])] = batch["rows"]
    if batch.get("foreign_lines"):
        found[Key(dataset, "foreign_lines", batch["foreign_dataset"] or "")] = batch[
            "foreign_lines"
        ]
    return found


def of_files(rows: Iterable[CatalogRow]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for row in rows:
        found[Key(row["dataset"], "files")] += 1
        found[Key(row["dataset"], "parquet_bytes")] += row["bytes"]
        found[Key(row["dataset"], "live_rows")] += row["rows"]
        found[Key(row["dataset"], "folded_rows")] += row.get("folded") or 0
        found[Key(row["dataset"], "probable_duplicates")] += row.get("probable") or 0
    return found


def fill(connection: Connection) -> None:
    """Replace all totals by those computed from scratch."""
    connection.execute(delete(counts))
    change(connection, scan(connection))


def scan(connection: Connection) -> Counter[Key]:
    """The totals computed from `batches` and `files`; slow, because it reads every row."""
    found = _scan_batches(connection) + _scan_files(connection)
    rows, foreign = batches.c.rows, batches.c.foreign_lines
    for measure, label, amount, counted in (
        ("shape", batches.c.shape, func.count(), batches.c.shape.is_not(None)),
        ("decoded_rows", batches.c.decoder, _total(rows), batches.c.decoder.is_not(None)),
        ("foreign_lines", batches.c.foreign_dataset, _total(foreign), foreign > 0),
    ):
        query = (
            select(batches.c.dataset, func.coalesce(label, ""), amount)
            .where(counted)
            .group_by(batches.c.dataset, label)
        )
        found.update({Key(each, measure, name): n for each, name, n in connection.execute(query)})
    return +found


def _scan_batches(connection: Connection) -> Counter[Key]:
    summed = [_total(batches.c[name]).label(name) for name in SUMMED]
    query = select(
        batches.c.dataset,
        func.count().label("batches"),
        func.count().filter(batches.c.state == "unread").label("unread_batches"),
        *summed,
    ).group_by(batches.c.dataset)
    return _keyed(connection.execute(query).mappings())


def _scan_files(connection: Connection) -> Counter[Key]:
    query = (
        select(
            files.c.dataset,
            func.count().label("files"),
            _total(files.c.bytes).label("parquet_bytes"),
            _total(files.c.rows).label("live_rows"),
            _total(files.c.folded).label("folded_rows"),
            _total(files.c.probable).label("probable_duplicates"),
        )
        .where(files.c.retired_sequence.is_(None))
        .group_by(files.c.dataset)
    )
    return _keyed(connection.execute(query).mappings())


def _keyed(rows: Iterable[CatalogRow]) -> Counter[Key]:
    return Counter(
        {
            Key(row["dataset"], measure): amount
            for row in rows
            for measure, amount in row.items()
            if measure != "dataset"
        }
    )


def _total(column: Column[int]) -> ColumnElement[int]:
    return func.coalesce(func.sum(column), 0)


@cache
def statement(name: str) -> TextClause:
    """store/catalog/sql/<name>.sql, which SQLite and PostgreSQL both understand."""
    return text(
        resources.files("store.catalog.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")
    )
