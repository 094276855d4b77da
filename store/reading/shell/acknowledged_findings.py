"""Findings that a person has acknowledged, with the reason, for the macro of findings."""

from store import timestamps
from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Statement
from store.files.layout import Layout
from store.reading.shell.content import FactSource, Rows
from store.reading.snapshot import Snapshot

_STATEMENT = Statement("store.reading.sql", "findings/acknowledged")
_COLUMNS = (("id", "VARCHAR"), ("by", "VARCHAR"), ("reason", "VARCHAR"), ("at", "TIMESTAMPTZ"))


def _rows(layout: Layout, _: Snapshot) -> Rows:
    try:
        return _read(layout)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import opening as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout) as whole:
            return _read(whole)


def _read(layout: Layout) -> Rows:
    with read_only.opened(layout) as connection:
        found = connection.execute(_STATEMENT).fetchall()
    return [(*told, timestamps.from_text(at)) for *told, at in found]


ACKNOWLEDGED = FactSource("acknowledged_findings", _COLUMNS, _rows)
