"""Findings that a person has acknowledged, with the reason, for the macro of findings."""

from importlib import resources
from pathlib import Path

from store import timestamps
from store.catalog import read_only
from store.catalog.read_only import CatalogOutdated
from store.files.layout import Layout
from store.reading.shell.content import FactSource, Rows
from store.reading.snapshot import Snapshot

_COLUMNS = (("id", "VARCHAR"), ("by", "VARCHAR"), ("reason", "VARCHAR"), ("at", "TIMESTAMPTZ"))


def _rows(layout: Layout, _: Snapshot) -> Rows:
    try:
        return _read(layout.catalog)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import catalog as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout.catalog) as whole:
            return _read(whole)


def _read(catalog: Path) -> Rows:
    query = resources.files("store.reading.sql").joinpath("findings/acknowledged.sql")
    with read_only.opened(catalog) as connection:
        found = connection.execute(query.read_text("utf-8")).fetchall()
    return [(*told, timestamps.from_text(at)) for *told, at in found]


ACKNOWLEDGED = FactSource("acknowledged_findings", _COLUMNS, _rows)
