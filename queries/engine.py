"""The one reader: DuckDB in memory, over the parts of one snapshot and nothing else.

A question is a file `queries/sql/<name>.sql` with one statement; values reach it only as bound
parameters. Rows are streamed: the answer's size costs time, never memory.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from queries.definitions import shared_statements, sql_of
from queries.duckdb_errors import Otherwise, explained, interrupted_after
from queries.errors import QueryFailed
from queries.views import make_views
from store.reading.snapshot import Snapshot

# A person waits for the answer. Counted while DuckDB works, up to the next rows it hands
# over: whoever reads a long answer slowly is not a runaway query.
QUERY_SECONDS_MAX = 30.0

# The receiver and the loader run on the same machine, and the page cache serves us all.
MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024

# Sorting the trail of ten million requests spills some 3 GB; a full disk would stop the receiver.
SPILL_BYTES_MAX = 8 * 1024 * 1024 * 1024

# More than four gain little on parts of this size and starve the receiver.
THREADS_MAX = 4

# Footers are most of the cost of a question over many parts. Parts lie on a local disk, where
# fetching pages before they are asked for takes longer than asking.
READING = {"parquet_metadata_cache": True, "disable_parquet_prefetching": True}

# Each of them may hold a URL of a megabyte.
ROWS_AT_ONCE = 1_000

# What the questions here are asked of. An analyst's may name any dataset, but each costs some time
# to make a view of, and one of its parts to be opened.
QUESTIONED = ("access_requests", "access_requests_rest", "http_requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one question may take. `spill_folder` None means the system's temporary folder."""

    seconds: float = QUERY_SECONDS_MAX
    memory_bytes: int = MEMORY_BYTES_MAX
    spill_bytes: int = SPILL_BYTES_MAX
    threads: int = THREADS_MAX
    spill_folder: Path | None = None


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` can be read once; `types` are DuckDB's names of the columns' types."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]

    def records(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)


class Engine:
    """Answers questions about `snapshot`; open_engine makes it and closes it."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, limits: Limits
    ) -> None:
        self.snapshot = snapshot
        self._connection = connection
        self._limits = limits
        self._parts = tuple(path for paths in snapshot.files.values() for path in paths)

    def define(self, datasets: Collection[str] | None) -> None:
        """Make the datasets' views, and what the questions have in common on top of them."""
        with self._limited(self._connection, QueryFailed):
            make_views(self._connection, self.snapshot, datasets)
            for text in shared_statements():
                self._connection.execute(text)

    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Answer:
        """Run queries/sql/<question>.sql. QueryFailed when it cannot be answered in full."""
        return self.run(sql_of(question), parameters or {}, QueryFailed)

    def run(self, statement: str, parameters: Mapping[str, Any], otherwise: Otherwise) -> Answer:
        """Run one statement; `otherwise` is raised when neither store nor limits are to blame."""
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
            with interrupted_after(cursor, self._limits.seconds):
                yield
        except duckdb.Error as error:
            raise explained(error, self._parts, self._limits.seconds, otherwise) from error


@contextmanager
def open_engine(
    snapshot: Snapshot,
    limits: Limits = DEFAULT_LIMITS,
    datasets: Collection[str] | None = None,
) -> Iterator[Engine]:
    """An engine that can read the snapshot's parts, and no other file, until the block ends.

    `datasets` are those that can be asked of, QUESTIONED at least; None means all.
    """
    with (
        # Spilled rows are personal data: a folder of our own, which goes when we go.
        tempfile.TemporaryDirectory(prefix="raytrail-", dir=limits.spill_folder) as spill,
        duckdb.connect(":memory:") as connection,
    ):
        _limit(connection, limits, spill)
        engine = Engine(connection, snapshot, limits)
        engine.define(datasets)
        _lock(connection, snapshot)
        yield engine


def _limit(connection: duckdb.DuckDBPyConnection, limits: Limits, spill: str) -> None:
    """GLOBAL, because each question runs on a cursor, which would not inherit a local setting."""
    settings = {
        "threads": limits.threads,
        "memory_limit": f"{limits.memory_bytes}B",
        "temp_directory": spill,
        "max_temp_directory_size": f"{limits.spill_bytes}B",
        **READING,
        "TimeZone": "UTC",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        # Else a table name in SQL may name a variable of this very program.
        "python_enable_replacements": False,
    }
    for name, value in settings.items():
        connection.execute(f"SET GLOBAL {name} = $value", {"value": value})


def _lock(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """From here on no file but the parts, and no way back."""
    parts = [str(path) for paths in snapshot.files.values() for path in paths]
    connection.execute("SET GLOBAL allowed_paths = $parts", {"parts": parts})
    connection.execute("SET GLOBAL enable_external_access = false")
    connection.execute("SET GLOBAL lock_configuration = true")
