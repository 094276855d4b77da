"""Turns DuckDB's errors into ours, and names the damaged part if there is one."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from queries.errors import PartUnreadable, QueryFailed, QueryRefused

Otherwise = type[QueryRefused] | type[QueryFailed]


@contextmanager
def interrupted_after(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt the connection after that time. DuckDB has no time limit of its own."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # Wait for the timer to end: a late interrupt would stop the next question.
        timer.join()


def explained(
    error: duckdb.Error, parts: Iterable[Path], seconds: float, otherwise: Otherwise
) -> QueryRefused | QueryFailed:
    """Our error for this one; `otherwise` when neither the store nor the limits caused it."""
    if isinstance(error, duckdb.InterruptException):
        return QueryFailed(f"stopped after {seconds:g} s without an answer; ask for less")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryFailed("needs more memory or spill space than allowed; ask for less")
    culprit = next((path for path in parts if str(path) in str(error)), None)
    # DuckDB names the file in most errors about one. Those that do not are plain duckdb.Error.
    if culprit is None and type(error) is duckdb.Error:
        culprit = _first_unreadable(parts, seconds)
        otherwise = QueryFailed
    return PartUnreadable(culprit) if culprit else otherwise(str(error))


def _first_unreadable(parts: Iterable[Path], seconds: float) -> Path | None:
    """The first part that cannot be read in full; None if time runs out before one is found."""
    with duckdb.connect(":memory:") as connection, interrupted_after(connection, seconds):
        for path in parts:
            try:
                connection.execute(
                    "select max(hash(columns(*))) from read_parquet($path)", {"path": str(path)}
                )
            except duckdb.InterruptException:
                return None
            except duckdb.Error:
                return path
    return None
