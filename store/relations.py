"""Every dataset of a snapshot as one view of its name, however many versions wrote its parts.

Parts with the same columns are read together, by the columns of the first of them; nothing
needs the footers of all. Such groups are put together by name, behind an empty table with the
columns of this version: a column that came later is NULL in older parts, and a dataset without
parts has all its columns.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import datasets
from store import folding
from store.layout import REJECTED, is_month
from store.snapshot import Snapshot

# The day's folder as text, whichever days there are: `date=__other__` is one of them.
_READ_WITH_DATE = """
    SELECT * FROM read_parquet(
        $paths, union_by_name = $by_name, hive_partitioning = true, hive_types = {'date': 'VARCHAR'}
    )
"""
# A month's file is in no day's folder: there the day is that of the event.
_READ_MONTH_WITH_DATE = """
    SELECT *, strftime(event_time, '%Y-%m-%d') AS date FROM read_parquet(
        $paths, union_by_name = $by_name, hive_partitioning = false
    )
"""
_READ = """
    SELECT * FROM read_parquet($paths, union_by_name = $by_name, hive_partitioning = false)
"""


def define(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, *, with_date: bool) -> None:
    """Make a view for every dataset we know, and for every other that has parts.

    What they are made of lies in schemas of its own, so that `SHOW TABLES` shows datasets.
    """
    connection.execute("CREATE SCHEMA shape")
    connection.execute("CREATE SCHEMA parts")
    shapes = _shapes(with_date=with_date)
    for name in sorted(shapes.keys() | snapshot.files.keys()):
        sources = [
            *_shape(connection, name, shapes),
            *_groups(connection, name, snapshot, with_date=with_date),
        ]
        if sources:
            # Only names stand in this text, and they are quoted.
            selects = " UNION ALL BY NAME ".join(f"SELECT * FROM {each}" for each in sources)  # noqa: S608
            connection.execute(f"CREATE VIEW main.{_quoted(name)} AS {selects}")


def _shapes(*, with_date: bool) -> dict[str, pa.Schema]:
    shapes = {
        name: pa.schema([*arrow_schema(dataset), *folding.MARKS])
        for name, dataset in datasets().items()
    }
    shapes[REJECTED] = REJECTED_SCHEMA
    date = pa.field("date", pa.string())
    return {name: shape.append(date) if with_date else shape for name, shape in shapes.items()}


def _shape(
    connection: duckdb.DuckDBPyConnection, name: str, shapes: Mapping[str, pa.Schema]
) -> Iterator[str]:
    if name in shapes:
        shape = f"shape.{_quoted(name)}"
        connection.from_arrow(shapes[name].empty_table()).create(shape)
        yield shape


def _groups(
    connection: duckdb.DuckDBPyConnection, name: str, snapshot: Snapshot, *, with_date: bool
) -> Iterator[str]:
    for number, (columns, paths) in enumerate(_alike(snapshot, name, with_date=with_date)):
        read = _READ
        if with_date:
            read = _READ_MONTH_WITH_DATE if is_month(paths[0]) else _READ_WITH_DATE
        given = {"paths": _texts(paths), "by_name": columns is None and len(paths) > 1}
        view = f"{name} {number}"
        connection.execute("USE parts")
        # As a relation it takes paths as values and not as SQL text.
        connection.sql(read, params=given).create_view(view)
        connection.execute("USE main")
        yield f"parts.{_quoted(view)}"


def _alike(
    snapshot: Snapshot, name: str, *, with_date: bool
) -> Iterator[tuple[str | None, tuple[Path, ...]]]:
    """Parts that are read together: those with the same columns, and the same kind of folder."""
    for columns, paths in snapshot.alike(name):
        kinds = (True, False) if with_date else (None,)
        for kind in kinds:
            if found := tuple(path for path in paths if kind is None or is_month(path) == kind):
                yield columns, found


def _texts(paths: tuple[Path, ...]) -> list[str]:
    return [str(path) for path in paths]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
