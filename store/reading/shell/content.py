"""What `audit.duckdb` holds beside the views of the datasets, as a value.

This room knows no question: whoever publishes the file hands this over.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import duckdb

from store.files.layout import Layout
from store.parquet.dataset_columns import quoted
from store.reading.shell.template import Template
from store.reading.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa


class FactsUnreadable(Exception):
    """What the catalog keeps under these numbers was edited or damaged. The files have it all."""

    def __init__(self, numbers: frozenset[int]) -> None:
        super().__init__(f"the kept facts of {len(numbers):,} files cannot be read")
        self.numbers = numbers


# What DuckDB calls the rows while they are copied.
_GIVEN = "given_rows"


@dataclass(frozen=True, slots=True)
class FactTable:
    """A small table of the schema `shape`, copied from the catalog when a file is written.

    `columns` are names with their DuckDB types. Times in `rows` are UTC without a zone, as in the
    store. No table may grow with the number of requests or batches.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Sequence[tuple[Any, ...]] = ()

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(self.declaration)
        self.fill(connection)

    @property
    def declaration(self) -> str:
        return declaration(self.name, self.columns)

    def fill(self, connection: duckdb.DuckDBPyConnection) -> None:
        if self.rows:
            # One list for each column: a thousand rows one by one take a second.
            lists = [[_bound(value) for value in column] for column in zip(*self.rows, strict=True)]
            values = ", ".join(
                f"unnest(?::{_bindable(kind)}[])::{kind}" for _, kind in self.columns
            )
            into = f"INSERT INTO shape.{quoted(self.name)}"
            connection.execute(f"{into} SELECT {values}", lists)


Rows: TypeAlias = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class FactSource:
    """A table `shape.<name>`, and how its rows are read."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: Callable[[Layout, Snapshot], Rows]


@dataclass(frozen=True, slots=True)
class KeptTable:
    """A table of the schema `shape` that may be large, and changes rarely.

    Two of the same revision have the same rows, so these are read only where another one was written.
    `rows` raises FactsUnreadable where the snapshot has files whose facts cannot be told.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    revision: tuple[Hashable, ...]
    rows: Callable[[], "pa.Table"]

    def create(self, connection: duckdb.DuckDBPyConnection) -> None:
        rows = self.rows() if self.revision else None
        connection.execute(self.declaration)
        if rows is not None:
            self._insert(connection, rows)

    @property
    def declaration(self) -> str:
        return declaration(self.name, self.columns)

    def fill(self, connection: duckdb.DuckDBPyConnection) -> None:
        if self.revision:
            self._insert(connection, self.rows())

    def _insert(self, connection: duckdb.DuckDBPyConnection, rows: "pa.Table") -> None:
        connection.register(_GIVEN, rows)
        connection.execute(f"INSERT INTO shape.{quoted(self.name)} FROM {_GIVEN}")
        connection.unregister(_GIVEN)


AnyTable: TypeAlias = FactTable | KeptTable


@dataclass(frozen=True, slots=True)
class KeptSource:
    """A table `shape.<name>`, what its rows depend on (if on nothing, it has none), and how they are
    read.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    revision: Callable[[Snapshot], tuple[Hashable, ...]]
    rows: Callable[[Layout, Snapshot], "pa.Table"]

    def table(self, layout: Layout, snapshot: Snapshot) -> KeptTable:
        read = partial(self.rows, layout, snapshot)
        return KeptTable(self.name, self.columns, self.revision(snapshot), read)


class ShellContent(Protocol):
    """`statements` make views and macros; the fact tables are there before them. Those of `replacing`
    put other macros in the place of some.

    `template` makes the next publishing of the same content faster.
    """

    @property
    def statements(self) -> Sequence[str]: ...

    @property
    def replacing(self) -> Sequence[str]: ...

    @property
    def template(self) -> Template: ...

    def facts(self, layout: Layout, snapshot: Snapshot) -> Sequence[AnyTable]: ...


@dataclass(frozen=True, slots=True)
class WithFacts:
    """Content in which some facts take the place of those of the same names; `replacing` are
    statements that do it with macros.
    """

    content: ShellContent
    sources: Sequence[FactSource]
    replacing: Sequence[str] = ()

    @property
    def statements(self) -> Sequence[str]:
        return self.content.statements

    @property
    def template(self) -> Template:
        return self.content.template

    def facts(self, layout: Layout, snapshot: Snapshot) -> Sequence[AnyTable]:
        told: dict[str, AnyTable] = {
            each.name: FactTable(each.name, each.columns, each.rows(layout, snapshot))
            for each in self.sources
        }
        return [told.get(table.name, table) for table in self.content.facts(layout, snapshot)]


def declaration(name: str, columns: Iterable[tuple[str, str]]) -> str:
    """The statement that makes a table of the schema `shape`."""
    declared = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
    return f"CREATE TABLE shape.{quoted(name)} ({declared})"


def _bindable(kind: str) -> str:
    return "VARCHAR" if kind == "TIMESTAMPTZ" else kind


def _bound(value: Any) -> Any:
    # A text with its zone: DuckDB would take the value itself for one of the session's zone.
    return f"{value.isoformat()}Z" if isinstance(value, datetime) else value
