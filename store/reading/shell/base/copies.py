"""Makes a new database of a script, or of a file that was made of the same script.

To bind views and macros takes DuckDB seconds. To copy them into a new database takes it a twentieth
of that, and as it is a new one, no write-ahead log of another is taken for one of it. (A copy of
the bytes would be the same database.)
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from store.parquet.dataset_columns import quoted
from store.reading.shell.base.script import STORAGE_VERSION, Script, literal

_MADE, _BASE = "made", "base"


def make(path: Path, script: Script) -> None:
    """Make the database at `path`, where none is."""
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.begin()
        script.run(connection)
        connection.commit()
        at = literal(str(path))
        connection.execute(f"ATTACH {at} AS {_MADE} (STORAGE_VERSION '{STORAGE_VERSION}')")
        # Without rows: it makes a plan for each table that may have some, and none has.
        connection.execute(f"COPY FROM DATABASE memory TO {_MADE} (SCHEMA)")
        # To detach would checkpoint too, but hide the error of a full disk.
        connection.execute(f"CHECKPOINT {_MADE}")


def copy_into(connection: duckdb.DuckDBPyConnection, content: bytes) -> bool:
    """Define everything that a file with these bytes has, but for rows; the database is empty.

    False, and it is still empty, where the system has no files in memory.
    """
    [(name,)] = connection.execute("SELECT current_database()").fetchall()
    try:
        with _named(content) as path:
            connection.execute(f"ATTACH {literal(path)} AS {_BASE} (READ_ONLY)")
            connection.execute(f"COPY FROM DATABASE {_BASE} TO {quoted(name)} (SCHEMA)")
            connection.execute(f"DETACH {_BASE}")
    except (duckdb.Error, OSError, AttributeError):
        return False
    return True


@contextmanager
def _named(content: bytes) -> Iterator[str]:
    """A path to these bytes. The file lies in memory, so nothing is left of it and no disk is full."""
    with open(os.memfd_create("raytrail"), "wb") as file:  # noqa: PTH123 (it has no path)
        file.write(content)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"
