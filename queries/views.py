"""The snapshot's datasets as views that bear their names: `http_requests`, `rejected`, ..."""

from collections.abc import Collection

import duckdb

from queries.errors import QueryFailed
from store.reading import relations
from store.reading.snapshot import Snapshot


def make_views(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, only: Collection[str] | None
) -> None:
    """Make a view for every dataset we know, and for every other that has parts; or for some."""
    for name in snapshot.files:
        if not name.isidentifier():
            raise QueryFailed(f"{name!r} is no name of a dataset")
    relations.define(connection, snapshot, with_date=False, only=only)
