"""Reads the names that follow from logins, as every question about a person does; without SQLAlchemy."""

from importlib import resources
from pathlib import Path

from store import timestamps
from store.catalog import read_only
from store.catalog.read_only import CatalogOutdated
from store.files.layout import Layout
from store.registers.identity.inferred_name import NEVER_JUDGED, Inference, InferredName


def inference(layout: Layout) -> Inference:
    """The register of inferred names."""
    try:
        return _read(layout.catalog)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import catalog as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout.catalog) as whole:
            return _read(whole)


def _read(catalog: Path) -> Inference:
    with read_only.opened(catalog) as connection:
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


def _sql(name: str) -> str:
    return resources.files("store.reading.sql").joinpath(f"{name}.sql").read_text("utf-8")
