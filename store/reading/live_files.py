"""Takes a snapshot: reads from the catalog which files are live at one moment.

Every question starts with it, so it does not load SQLAlchemy; see store/catalog/read_only.py.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from sqlite3 import Connection

from store import timestamps
from store.catalog import read_only
from store.catalog.read_only import CatalogOutdated
from store.catalog.scope import EVERYTHING, Scope
from store.files.layout import Layout
from store.reading.snapshot import Snapshot
from store.registers.application_version import version_of
from store.registers.verdicts import HOUR, KnownHour, KnownHours, State, verdict_of

# Sort before, and after, every hour.
_BEFORE_ALL, _AFTER_ALL = "", "~"


def snapshot(
    layout: Layout, now: datetime, scope: Scope | None = None, draft: Path | None = None
) -> Snapshot:
    """All live files, or only those that may hold rows of `scope`.

    `draft` is a catalog without a name yet, to be read instead of the store's own.
    """
    catalog = draft or layout.catalog
    try:
        return _snapshot(layout, catalog, now, scope)
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import catalog as catalogs  # noqa: PLC0415

        catalogs.open_existing(catalog).close()
        return _snapshot(layout, catalog, now, scope)


def _snapshot(layout: Layout, catalog: Path, now: datetime, scope: Scope | None) -> Snapshot:
    root = layout.root.absolute()
    live: dict[str, list[Path]] = {}
    alike: dict[Path, str] = {}
    with read_only.opened(catalog) as connection:
        bound = scope.bound() if scope else EVERYTHING
        for dataset, name, columns in connection.execute(_statement("live_files"), bound):
            path = root / name
            live.setdefault(dataset, []).append(path)
            if columns is not None:
                alike[path] = columns
        waiting, oldest = connection.execute(_statement("waiting_batches")).fetchone()
        [sequence] = connection.execute(_statement("newest_sequence")).fetchone()
        versions = connection.execute(_statement("application_versions"))
        held = tuple(version_of(row) for row in versions)
        hours = tuple(_hours(connection, scope)) if scope else ()
    return Snapshot(
        sequence=sequence,
        taken_at=now,
        files={dataset: tuple(paths) for dataset, paths in live.items()},
        columns=alike,
        coverage=KnownHours(hours),
        pending_batches=waiting,
        lag_seconds=timestamps.lag_seconds(oldest, now) if oldest else 0.0,
        applications=held,
    )


def _hours(connection: Connection, scope: Scope) -> Iterator[KnownHour]:
    """What is known of every hour of the scope's dataset that overlaps its time."""
    bound = {
        "of_dataset": scope.dataset,
        "after": timestamps.to_text(scope.since - HOUR) if scope.since else _BEFORE_ALL,
        "before": timestamps.to_text(scope.until) if scope.until else _AFTER_ALL,
    }
    for job, hour, state, missing, why in connection.execute(_statement("known_hours"), bound):
        verdict = verdict_of(State(state), missing, why)
        yield KnownHour(job, timestamps.from_text(hour), verdict)


@cache
def _statement(name: str) -> str:
    return resources.files("store.reading").joinpath(f"{name}.sql").read_text(encoding="utf-8")
