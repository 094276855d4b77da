"""Makes a view for each dataset of a snapshot: `http_requests`, `rejected`, ..."""

from collections.abc import Collection

import duckdb

from queries.errors import QueryFailed
from store.reading import relations
from store.reading.snapshot import Snapshot


def make_views(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, only: Collection[str] | None
) -> None:
    """Make a view for every known dataset and every other that has parts; or only for `only`."""
    for name in (*snapshot.files, *(each.part.dataset for each in snapshot.damaged)):
        if not name.isidentifier():
            raise QueryFailed(f"invalid dataset name {name!r}")
    relations.define(connection, snapshot, only=only)
