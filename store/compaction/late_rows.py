"""Finds the finished files that late rows are merged into: those with rows of the same users."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.scope import user_key
from store.catalog.users.tables import people as people_table
from store.compaction.tiers import RewriteJob
from store.files.layout import Layout
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.parquet.part_file import ROW_GROUP_ROWS

# A statement takes some thousands of values; so many users are in nearly all files anyway.
USERS_ASKED_MAX = 10_000


def affected_files(layout: Layout, catalog: Catalog, job: RewriteJob) -> Sequence[CatalogRow]:
    """The files of `job.settled` that hold users of its inputs, or rows of no user if they do."""
    if not job.settled:
        return ()
    users, has_others = _users(layout, job.inputs)
    if len(users) > USERS_ASKED_MAX:
        return job.settled
    with catalog.read() as connection:
        names = [user_key(user) for user in users]
        query = select(people_table.c.file).where(people_table.c.who.in_(names)).distinct()
        numbers = set(connection.scalars(query))
    return [
        file
        for file in job.settled
        if file["number"] in numbers or (has_others and file["user_max"] is None)
    ]


def _users(layout: Layout, inputs: Sequence[CatalogRow]) -> tuple[set[str], bool]:
    """The users of these rows, and whether some rows have no user; rejected lines have none."""
    users: set[str] = set()
    has_others = False
    for each in inputs:
        with opened(NamedFile.of(layout.root, each), is_hashed=False) as file:
            if "user_id" not in file.columns:
                has_others = True
                continue
            for table in file.tables(ROW_GROUP_ROWS, ["user_id"]):
                column: pa.ChunkedArray = table["user_id"]
                has_others = has_others or column.null_count > 0
                users |= set(pc.unique(column).drop_null().to_pylist())
    return users, has_others
