"""Turns DuckDB's errors into ours, and names the damaged part if there is one."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from queries.errors import PartUnreadable, QueryFailed, QueryRefused
from store.reading.snapshot import Snapshot

Otherwise = type[QueryRefused] | type[QueryFailed]


# How DuckDB begins the words of the errors that `explained` tells apart.
_KINDS: Mapping[str, type[duckdb.Error]] = {
    "INTERRUPT Error": duckdb.InterruptException,
    "Out of Memory Error": duckdb.OutOfMemoryException,
}

# DuckDB looks for an interrupt between two pieces of rows, which are ready within a second each. One
# call of a function on one long text may take hours.
OVERDUE_SECONDS = 10.0


@contextmanager
def interrupted_after(
    connection: duckdb.DuckDBPyConnection,
    seconds: float,
    when_overdue: Callable[[], None] | None = None,
) -> Iterator[None]:
    """Interrupt the connection after that time. DuckDB has no time limit of its own.

    `when_overdue` is called in another thread if it goes on for OVERDUE_SECONDS after that.
    """
    timers = [threading.Timer(seconds, connection.interrupt)]
    if when_overdue is not None:
        timers.append(threading.Timer(seconds + OVERDUE_SECONDS, when_overdue))
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
            # Wait for the timer to end: a late interrupt would stop the next question.
            timer.join()


@contextmanager
def errors_of_arrow() -> Iterator[None]:
    """Raises an error of DuckDB as one where rows are read through Arrow, which keeps its words alone."""
    try:
        yield
    except OSError as error:
        told = str(error)
        kinds = (kind for words, kind in _KINDS.items() if told.startswith(words))
        raise next(kinds, duckdb.Error)(told) from error


def explained(
    error: duckdb.Error, snapshot: Snapshot, seconds: float, otherwise: Otherwise
) -> QueryRefused | QueryFailed:
    """Our error for this one; `otherwise` when neither the store nor the limits caused it."""
    if isinstance(error, duckdb.InterruptException):
        return QueryFailed(f"stopped after {seconds:g} s without an answer; ask for less")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryFailed("needs more memory or spill space than allowed; ask for less")
    told = str(error)
    for lost in snapshot.damaged:
        # A view raised the sentence of a file that is known to be damaged.
        _, opening, rest = told.partition(lost.opening)
        if opening:
            return PartUnreadable(f"{opening}{rest}".partition("\n")[0], snapshot)
    parts = [path for paths in snapshot.files.values() for path in paths]
    culprit = next((path for path in parts if str(path) in told), None)
    # DuckDB names the file in most errors about one. Those that do not are plain duckdb.Error.
    if culprit is None and type(error) is duckdb.Error:
        culprit = _first_unreadable(parts, seconds)
        otherwise = QueryFailed
    return _unreadable(culprit, snapshot, told) if culprit else otherwise(told)


def _unreadable(culprit: Path, snapshot: Snapshot, told: str) -> QueryFailed:
    """What is wrong with a file that DuckDB could not read."""
    examined = snapshot.examined(culprit)
    if examined is not snapshot:
        return PartUnreadable(examined.damaged[-1].sentence(), examined)
    return QueryFailed(
        f"{culprit} could not be read, and has the bytes that were written: try again"
        f" ({told.partition(chr(10))[0]})"
    )


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
