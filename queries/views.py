"""The snapshot's datasets as views that bear their names: `http_requests`, `rejected`, ...

A dataset without parts is an empty view with all its columns, and a column that came later
than the oldest part is NULL in there, so that no question needs to know the store's age.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from queries.errors import QueryFailed
from schema.columns import REJECTED_SCHEMA, arrow_schema
from schema.dataset import datasets


def make_views(
    connection: duckdb.DuckDBPyConnection, files: Mapping[str, tuple[Path, ...]]
) -> None:
    """Make a view for every dataset we know, and for every other that has parts."""
    connection.execute("CREATE SCHEMA shape")
    connection.execute("CREATE SCHEMA parts")
    shapes = _shapes()
    for name in sorted(shapes.keys() | files.keys()):
        if not name.isidentifier():
            raise QueryFailed(f"{name!r} is no name of a dataset")
        sources = []
        if name in shapes:
            _make_shape(connection, name, shapes[name])
            sources.append("shape")
        if files.get(name):
            _make_parts(connection, name, files[name])
            sources.append("parts")
        if sources:
            connection.execute(_definition(name, sources))


def _shapes() -> dict[str, Any]:
    """Empty Arrow tables by dataset (`Any`, since Arrow's own home is schema/ and store/)."""
    shapes = {name: arrow_schema(dataset) for name, dataset in datasets().items()}
    return {name: shape.empty_table() for name, shape in shapes.items()} | {
        "rejected": REJECTED_SCHEMA.empty_table()
    }


def _make_shape(connection: duckdb.DuckDBPyConnection, name: str, shape: Any) -> None:
    connection.execute("USE shape")
    connection.from_arrow(shape).create(name)
    connection.execute("USE main")


def _make_parts(connection: duckdb.DuckDBPyConnection, name: str, paths: tuple[Path, ...]) -> None:
    """Through the relation interface, which takes paths as values and not as SQL text."""
    connection.execute("USE parts")
    connection.read_parquet(
        [str(path) for path in paths], union_by_name=len(paths) > 1, hive_partitioning=False
    ).create_view(name)
    connection.execute("USE main")


def _definition(name: str, sources: list[str]) -> str:
    selects = (f"SELECT * FROM {source}.{name}" for source in sources)  # noqa: S608 - identifiers
    return f"CREATE VIEW main.{name} AS {' UNION ALL BY NAME '.join(selects)}"
