"""The SQL catalog in `published/catalog.sqlite`: under which name which metadata is the newest.

It is in the format of Iceberg's JDBC catalog, which pyiceberg reads: catalog `raytrail`, namespace
`raytrail`, a table for each dataset. SQLite syncs it.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from importlib import resources
from pathlib import Path

from publishing.errors import NotPublished
from store.files import durable

NAME = "catalog.sqlite"


def point(path: Path, locations: Mapping[str, str]) -> None:
    """Let the catalog have these tables and no others, all in one transaction."""
    durable.touch(path)
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_statement("create"))
            if dict(connection.execute(_statement("listed"))) == locations:
                return
            with connection:
                connection.execute(_statement("clear"))
                rows = [{"dataset": name, "location": at} for name, at in locations.items()]
                connection.executemany(_statement("add"), rows)
    except sqlite3.Error as error:
        raise NotPublished(f"published/{NAME}: {error}") from error


@cache
def _statement(name: str) -> str:
    return resources.files("publishing.sql").joinpath(f"{name}.sql").read_text(encoding="utf-8")
