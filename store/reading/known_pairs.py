"""Reads what operators said of names, as every question about a person does; without SQLAlchemy."""

from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Statement
from store.files.layout import Layout
from store.registers.identity.name_pair import NamePair, NamePairs

_STATEMENT = Statement("store.reading.sql", "name_pairs")


def name_pairs(layout: Layout) -> NamePairs:
    """Every pair of the register, the newest first."""
    try:
        return _read(layout)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import opening as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout) as whole:
            return _read(whole)


def _read(layout: Layout) -> NamePairs:
    with read_only.opened(layout) as connection:
        rows = connection.execute(_STATEMENT).fetchall()
    return NamePairs(
        tuple(NamePair(**{**row, "is_same": bool(row["is_same"])}) for row in map(dict, rows))
    )
