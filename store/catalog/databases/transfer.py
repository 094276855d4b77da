"""Copies every row of a catalog into another one, of the same or another kind of database."""

from itertools import islice

from sqlalchemy import Connection, insert, select

from store.catalog.migration import METADATA

# A statement of PostgreSQL takes 65,535 values, and a row has up to 40.
ROWS_AT_ONCE = 1_000


def transfer(source: Connection, target: Connection) -> None:
    """The target has the tables of this version, and no row. The caller begins and commits."""
    for table in METADATA.sorted_tables:
        query = select(table).execution_options(yield_per=ROWS_AT_ONCE)
        rows = (dict(row) for row in source.execute(query).mappings())
        while some := list(islice(rows, ROWS_AT_ONCE)):
            target.execute(insert(table), some)
