"""What every `audit.duckdb` has, as SQL: that of a store without records."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import duckdb

from store.catalog.users.facts_number import DATASET
from store.parquet import dataset_columns
from store.parquet.dataset_columns import quoted
from store.reading import damaged_days
from store.reading.facts import without_facts
from store.reading.shell import comments, undocumented
from store.reading.shell.ledger import ledger_lines
from store.reading.shell.statements import sql_of

# DuckDB 2 writes files that 1.x cannot open unless told to; 1.4 reads this one. From this version
# on, DuckDB refuses a write-ahead log of another database, wherever it lies.
STORAGE_VERSION = "v1.4.0"

_GUARDED = "SELECT * FROM ({query}) WHERE shape.is_in_place()"
_NO_TIME = datetime(1970, 1, 1)  # noqa: DTZ001 (UTC without a zone, as in the store)
_SNAPSHOT = (
    "CREATE TABLE shape.snapshot"
    " (sequence BIGINT, taken_at TIMESTAMPTZ, writer VARCHAR, answers_at VARCHAR[])"
)


@dataclass(frozen=True, slots=True)
class Script:
    """`datasets` makes the views of the datasets and of the ledger, and `rest` what is made of them."""

    datasets: tuple[str, ...]
    rest: tuple[str, ...]

    @classmethod
    def of(cls, statements: Sequence[str], tables: Sequence[str]) -> Self:
        """`statements` are those of the content; `tables` make its fact tables."""
        return cls((*_datasets(),), (*_rest(statements, tables),))

    def run(
        self, connection: duckdb.DuckDBPyConnection, instead: Callable[[], None] = lambda: None
    ) -> None:
        """`instead` puts other views in the place of those of datasets before the rest is made."""
        for statement in self.datasets:
            connection.execute(statement)
        instead()
        for statement in self.rest:
            connection.execute(statement)

    @property
    def digest(self) -> str:
        """Of everything that a file made from it depends on, in hexadecimal."""
        hashed = hashlib.sha256()
        for text in (duckdb.__version__, STORAGE_VERSION, *self.datasets, *self.rest):
            hashed.update(f"{len(text)} {text}".encode())
        return hashed.hexdigest()


def folder_macro(folders: Sequence[Path | None]) -> str:
    """The folder that contains the files of all views.

    The last one holds, unless this database was opened in another.
    """
    *others, last = [literal(f"{folder}/" if folder else "") for folder in folders]
    cases = "".join(f"WHEN shape.is_opened_in({each}) THEN {each} " for each in others)
    text = f"CASE {cases}ELSE {last} END" if cases else last
    return f"CREATE OR REPLACE MACRO shape.folder() AS {text}"


def time_macro(taken_at: datetime) -> str:
    """A constant, so that DuckDB skips files by it."""
    return f"CREATE OR REPLACE MACRO shape.taken_at() AS TIMESTAMP '{taken_at}'"


def table_of_columns(dataset: str) -> str:
    columns = dataset_columns.declared(dataset_columns.shape(dataset))
    return f"CREATE TABLE IF NOT EXISTS {_columns_of(dataset)} ({columns}, date DATE)"


def no_rows_of(dataset: str) -> str:
    """A query of the columns of a dataset."""
    return f"SELECT * FROM {_columns_of(dataset)}"  # noqa: S608 (a quoted name)


def published(query: str) -> str:
    """The query for a view that answers only where it was published."""
    return _GUARDED.format(query=query)


def view(name: str, query: str) -> str:
    """`name` is one in SQL."""
    return f"CREATE OR REPLACE VIEW {name} AS {query}"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _datasets() -> Iterator[str]:
    # A schema for what is not for analysts, so that `SHOW TABLES` lists only datasets.
    yield "CREATE SCHEMA shape"
    yield folder_macro([None])
    yield sql_of("base/is_opened_in")
    yield sql_of("base/is_in_place")
    yield time_macro(_NO_TIME)
    yield damaged_days.TABLE
    for name in sorted(dataset_columns.known()):
        yield table_of_columns(name)
        yield view(quoted(name), published(no_rows_of(name)))
        # Together they take half the time.
        yield "; ".join(comments.of_known_dataset(name))
    yield view(f"shape.{without_facts.VIEW}", published(no_rows_of(DATASET)))
    yield undocumented.view({})
    yield from ledger_lines.without_files()


def _rest(statements: Sequence[str], tables: Sequence[str]) -> Iterator[str]:
    yield from tables
    yield from statements
    yield _SNAPSHOT
    yield sql_of("base/snapshot")
    yield "; ".join(comments.of_published())


def _columns_of(dataset: str) -> str:
    return f"shape.{quoted(f'columns_of_{dataset}')}"
