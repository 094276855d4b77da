"""A private catalog that is never seen in a folder, and is gone when its block ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, MetaData, create_engine
from sqlalchemy.pool import StaticPool

from store.catalog.databases.sqlite_engine import take_over_transactions


@contextmanager
def scratch(metadata: MetaData) -> Iterator[Connection]:
    """A connection to an empty catalog with these tables. What memory cannot hold, SQLite writes to
    a temporary file that has no name.
    """
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect("", check_same_thread=False),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    take_over_transactions(engine)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            yield connection
    finally:
        engine.dispose()
