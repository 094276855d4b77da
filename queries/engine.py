"""Answers questions with DuckDB in memory, over the Parquet parts of one snapshot only.

A question is a file `queries/sql/<name>.sql` with one statement; values reach it only as bound
parameters. Rows are streamed: the answer's size costs time, never memory.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from queries.definitions import sql_of
from queries.engine_definitions import EngineDefinitions, Offered
from queries.errors import QueryFailed
from queries.limits import DEFAULT_LIMITS, Limits
from queries.path_templates import Rules
from queries.shell_content import NOTHING, Told
from queries.statements.duckdb_errors import (
    Otherwise,
    errors_of_arrow,
    explained,
    interrupted_after,
)
from store.parquet.dataset_columns import quoted
from store.reading.shell.ledger import ledger_lines
from store.reading.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

# Reading footers is most of the cost of a question over many parts. Parts lie on a local disk,
# where prefetching pages takes longer than reading them when they are needed.
READING = {"parquet_metadata_cache": True, "disable_parquet_prefetching": True}

# Each row may hold a URL of a megabyte.
ROWS_AT_ONCE = 1_000

# From one engine to another. As many as fill ten vectors of DuckDB.
ROWS_COPIED_AT_ONCE = 20_480

# The datasets that our own questions read. An analyst may name any dataset, but a view for each
# takes time to make and opens one of its parts.
QUESTIONED = ("access_login_events", "access_requests", "access_requests_rest", "http_requests")


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` can be read once; `types` are the columns' types as DuckDB names them."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]

    def records(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


class Engine:
    """Answers questions about `snapshot`; open_engine opens and closes it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        snapshot: Snapshot,
        limits: Limits,
        offered: Offered,
    ) -> None:
        self.snapshot = snapshot
        self.kept_rows = limits.kept_rows
        self._connection = connection
        self._limits = limits
        # Called in another thread if a statement goes on although it was interrupted.
        self.when_overdue: Callable[[], None] | None = None
        # Whose statements run now, for `interrupt`.
        self._running: set[duckdb.DuckDBPyConnection] = set()
        with self._limited(connection, QueryFailed):
            self._definitions = EngineDefinitions(connection, snapshot, offered)
        # Before the first question, where all are about rows of the snapshot's scope.
        self.read_narrowly = self._definitions.read_narrowly

    @property
    def row_macros(self) -> frozenset[str]:
        """The macros that a statement may call in the place of a table."""
        return self._definitions.row_macros

    def define_everything(self) -> None:
        """Make what no statement has named yet, for an error that tells of similar names."""
        with self._limited(self._connection, QueryFailed):
            self._definitions.make_everything()

    def _define_for(self, statement: str, parameters: Mapping[str, Any]) -> None:
        # A text may be the name of a view: query_table($view).
        texts = frozenset(each for each in parameters.values() if isinstance(each, str))
        with self._limited(self._connection, QueryFailed):
            self._definitions.make_for(statement, texts)

    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Run queries/sql/<question>.sql. Raises QueryFailed unless it can be answered in full."""
        return self.run(sql_of(question), parameters or {}, QueryFailed)

    def run(
        self,
        statement: str,
        parameters: Mapping[str, Any],
        otherwise: Otherwise,
        names: str | None = None,
    ) -> Answer:
        """Run one statement; raises `otherwise` when neither the store nor the limits caused the error.

        `names` has the names of all that it reads and calls; None means that any word may be one.
        """
        self._define_for(statement if names is None else names, parameters)
        cursor = self._connection.cursor()
        try:
            with self._limited(cursor, otherwise):
                cursor.execute(statement, dict(parameters))
        except BaseException:
            cursor.close()
            raise
        described = cursor.description or []
        columns = tuple(column[0] for column in described)
        types = tuple(str(column[1]) for column in described)
        return Answer(columns, types, self._rows(cursor, otherwise))

    def columns(
        self, statement: str, parameters: Mapping[str, Any], rows_at_once: int
    ) -> "Iterator[pa.RecordBatch]":
        """The answer of a statement by columns, in batches of at most so many rows."""
        self._define_for(statement, parameters)
        cursor = self._connection.cursor()
        try:
            with self._limited(cursor, QueryFailed):
                asked = cursor.sql(statement, params=dict(parameters))
                reader = asked.to_arrow_reader(rows_at_once)
            # Most errors are raised by now: whatever is sorted has been read.
            while True:
                with self._limited(cursor, QueryFailed), errors_of_arrow():
                    batch = next(reader, None)
                if batch is None:
                    return
                yield batch
        finally:
            cursor.close()

    @contextmanager
    def named(
        self, name: str, statement: str, parameters: Mapping[str, Any], *, is_kept: bool
    ) -> Iterator[None]:
        """Until the block ends, questions can ask for the rows of a statement under a name.

        They are read once if they are kept, and otherwise by each question.
        """
        self._define_for(statement, parameters)
        # Only what it names itself is a parameter of it.
        given = {each: value for each, value in parameters.items() if f"${each}" in statement}
        with self._limited(self._connection, QueryFailed):
            if is_kept:
                self._connection.execute(f"CREATE TABLE {quoted(name)} AS {statement}", given)
            else:
                # A relation takes values as parameters, which a view in SQL cannot.
                self._connection.sql(statement, params=given).create_view(name, replace=False)
        try:
            yield
        finally:
            self._connection.execute(f"DROP {'TABLE' if is_kept else 'VIEW'} {quoted(name)}")

    @contextmanager
    def copied(self, name: str, of: "Engine") -> Iterator[None]:
        """Until the block ends, questions can ask for what another engine has `named` so."""
        cursor = of._connection.cursor()  # noqa: SLF001 - another one of this class
        try:
            with self._limited(self._connection, QueryFailed):
                rows = cursor.sql(f"FROM {quoted(name)}").to_arrow_reader(ROWS_COPIED_AT_ONCE)
                self._connection.from_arrow(rows).create(name)
        finally:
            cursor.close()
        try:
            yield
        finally:
            # After an error of the engine nothing more can be asked of it.
            with suppress(duckdb.Error):
                self._connection.execute(f"DROP TABLE {quoted(name)}")

    def interrupt(self) -> None:
        """Stop what another thread asks: its question raises QueryFailed."""
        for cursor in tuple(self._running):
            cursor.interrupt()

    def _rows(
        self, cursor: duckdb.DuckDBPyConnection, otherwise: Otherwise
    ) -> Iterator[tuple[Any, ...]]:
        try:
            while True:
                with self._limited(cursor, otherwise):
                    rows = cursor.fetchmany(ROWS_AT_ONCE)
                if not rows:
                    return
                yield from rows
        finally:
            cursor.close()

    @contextmanager
    def _limited(self, cursor: duckdb.DuckDBPyConnection, otherwise: Otherwise) -> Iterator[None]:
        try:
            with interrupted_after(cursor, self._limits.seconds, self.when_overdue):
                self._running.add(cursor)
                yield
        except duckdb.Error as error:
            raise explained(error, self.snapshot, self._limits.seconds, otherwise) from error
        finally:
            self._running.discard(cursor)


@contextmanager
def open_engine(
    snapshot: Snapshot,
    limits: Limits = DEFAULT_LIMITS,
    datasets: Collection[str] | None = None,
    rules: Rules = (),
    told: Told = NOTHING,
) -> Iterator[Engine]:
    """An engine that can read the snapshot's parts, and no other file, until the block ends.

    `datasets` are those that can be queried, at least QUESTIONED; None means all. `rules` are the
    path templates of the settings, and `told` what other settings tell an analyst.
    """
    with (
        limits.spilling(snapshot.root) as spill,
        duckdb.connect(":memory:", config=limits.settings(spill)) as connection,
    ):
        # These belong to extensions, which are loaded by now.
        for name, value in {**READING, "TimeZone": "UTC"}.items():
            # GLOBAL, because each question runs on a cursor, which inherits no local setting.
            connection.execute(f"SET GLOBAL {name} = $value", {"value": value})
        engine = Engine(connection, snapshot, limits, Offered(datasets, rules, told))
        _lock(connection, snapshot)
        yield engine


def _lock(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """Forbid every file but the parts and the ledger, and lock the settings."""
    parts = [path for paths in snapshot.files.values() for path in paths]
    readable = [str(path) for path in (*parts, *ledger_lines.files(snapshot.root))]
    connection.execute("SET GLOBAL allowed_paths = $readable", {"readable": readable})
    connection.execute("SET GLOBAL enable_external_access = false")
    connection.execute("SET GLOBAL lock_configuration = true")
