"""Reads the names that follow from logins, as every question about a person does; without SQLAlchemy."""

from store import timestamps
from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Statement
from store.files.layout import Layout
from store.registers.identity.inferred_name import NEVER_JUDGED, Inference, InferredName


def inference(layout: Layout) -> Inference:
    """The register of inferred names."""
    try:
        return _read(layout)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import opening as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout) as whole:
            return _read(whole)


def _read(layout: Layout) -> Inference:
    with read_only.opened(layout) as connection:
        judged = connection.execute(_sql("inferences")).fetchone()
        rows = connection.execute(_sql("inferred_names")).fetchall()
    if judged is None:
        return NEVER_JUDGED
    times = ("first_login", "last_login")
    pairs = tuple(
        InferredName(**{**row, **{name: timestamps.from_text(row[name]) for name in times}})
        for row in map(dict, rows)
    )
    return Inference(pairs, timestamps.from_text(judged["judged_at"]), judged["sequence"])


def _sql(name: str) -> Statement:
    return Statement("store.reading.sql", name)
