"""Reads what operators said of names, as every question about a person does; without SQLAlchemy."""

from importlib import resources
from pathlib import Path

from store.catalog import read_only
from store.catalog.read_only import CatalogOutdated
from store.files.layout import Layout
from store.registers.identity.name_pair import NamePair, NamePairs


def name_pairs(layout: Layout) -> NamePairs:
    """Every pair of the register, the newest first."""
    try:
        return _read(layout.catalog)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import catalog as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout.catalog) as whole:
            return _read(whole)


def _read(catalog: Path) -> NamePairs:
    query = resources.files("store.reading.sql").joinpath("name_pairs.sql").read_text("utf-8")
    with read_only.opened(catalog) as connection:
        rows = connection.execute(query).fetchall()
    return NamePairs(
        tuple(NamePair(**{**row, "is_same": bool(row["is_same"])}) for row in map(dict, rows))
    )
