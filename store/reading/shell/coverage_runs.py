"""The verdicts on all hours of all Logpush jobs, for a view.

A year of five jobs has 44,000 hours, and most of them the same verdict as the hour before. So
consecutive hours of one verdict are one row, and they are read again only after one has changed: to
read them all takes longer than to publish the rest of `audit.duckdb`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store import timestamps
from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Reading, Statement
from store.files.layout import Layout
from store.reading.shell.content import FactSource, Rows
from store.reading.snapshot import Snapshot
from store.registers.verdicts import HOUR

_COLUMNS = (
    ("dataset", "VARCHAR"),
    ("job", "BIGINT"),
    ("state", "VARCHAR"),
    ("missing", "BIGINT"),
    ("why", "VARCHAR"),
    ("first_hour", "TIMESTAMPTZ"),
    ("last_hour", "TIMESTAMPTZ"),
)


@dataclass(slots=True)
class _Runs:
    """Reads the runs of a catalog, and keeps those that it read last."""

    _state: object = None
    _rows: Rows = ()

    def __call__(self, layout: Layout, _: Snapshot) -> Rows:
        try:
            return self._read(layout)
        except CatalogOutdated:
            # Late: only a store that an older version wrote pays for SQLAlchemy.
            from store.catalog import opening as catalogs  # noqa: PLC0415

            with catalogs.migrated(layout) as whole:
                return self._read(whole)

    def _read(self, layout: Layout) -> Rows:
        with read_only.opened(layout) as connection:
            [state] = connection.execute(_statement("state"))
            known = layout, *state
            if known != self._state:
                self._rows = list(_runs(connection))
                self._state = known
        return self._rows


def _runs(connection: Reading) -> Iterator[tuple[Any, ...]]:
    """Rows of the fact table: consecutive hours with the same verdict are one."""
    verdict, first, last = None, None, None
    for dataset, job, text, *judged in connection.execute(_statement("verdicts")):
        hour, same = timestamps.from_text(text), (dataset, job, *judged)
        if verdict is not None and last is not None and (same != verdict or hour != last + HOUR):
            yield *verdict, first, last
            verdict = None
        if verdict is None:
            verdict, first = same, hour
        last = hour
    if verdict is not None:
        yield *verdict, first, last


def _statement(name: str) -> Statement:
    return Statement("store.reading.sql", f"coverage/{name}")


COVERAGE = FactSource("coverage_runs", _COLUMNS, _Runs())
