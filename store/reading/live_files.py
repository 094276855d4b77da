"""Takes a snapshot: reads from the catalog which files are live at one moment.

Every question starts with it, so it does not load SQLAlchemy; see store/catalog/read_only.py.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from store import timestamps
from store.catalog import read_only
from store.catalog.databases.reading import CatalogOutdated, Reading, Row, Statement
from store.catalog.scope import EVERYTHING, Scope
from store.catalog.users.facts_number import facts_number
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.files.trouble import Trouble, TroubleKind
from store.parquet.footer import OLDEST_FORMAT
from store.reading.live_part import DamagedPart, LivePart
from store.reading.snapshot import Snapshot
from store.registers.application_version import version_of
from store.registers.scrub_round import ScrubRound
from store.registers.verdicts import HOUR, KnownHour, KnownHours, State, verdict_of

# Sort before, and after, every hour.
_BEFORE_ALL, _AFTER_ALL = "", "~"


def snapshot(layout: Layout, now: datetime, scope: Scope | None = None) -> Snapshot:
    """All live files, or only those that may hold rows of `scope`."""
    try:
        found = _snapshot(layout, layout, now, scope)
        # An erasure unlinks files at once: in a new snapshot these are not live.
        is_odd = any(not each.is_listed for each in found.damaged)
        return _snapshot(layout, layout, now, scope) if is_odd else found
    except CatalogOutdated:
        # Late: only a store that an older version wrote pays for SQLAlchemy.
        from store.catalog import opening as catalogs  # noqa: PLC0415

        with catalogs.migrated(layout) as whole:
            return _snapshot(layout, whole, now, scope)


def misdirected(layout: Layout) -> tuple[tuple[str, str, int], ...]:
    """Datasets with records that look like another dataset, that one, and how many."""
    with read_only.opened(layout) as connection:
        return tuple(tuple(row) for row in connection.execute(_statement("misdirected")))


def _snapshot(layout: Layout, whole: Layout, now: datetime, scope: Scope | None) -> Snapshot:
    root = layout.root.absolute()
    found = _Found(root)
    with read_only.opened(whole) as connection:
        bound = scope.bound() if scope else EVERYTHING
        for row in connection.execute(_statement("live_files"), bound):
            found.add(row)
        waiting, oldest = connection.execute(_statement("waiting_batches")).fetchone()
        sequence, digest = connection.execute(_statement("newest_entry")).fetchone()
        recovered = connection.execute(_statement("recovered_batches")).fetchall()
        versions = connection.execute(_statement("application_versions"))
        held = tuple(version_of(row, timestamps.from_text(row["listed_at"])) for row in versions)
        hours = tuple(_hours(connection, scope)) if scope else ()
        received = tuple(_received(connection, scope)) if scope else ()
        scrubbed = connection.execute(_statement("newest_scrub")).fetchone()
    return Snapshot(
        root=root,
        database=layout.database,
        sequence=sequence,
        digest=digest,
        taken_at=now,
        files={dataset: tuple(paths) for dataset, paths in found.files.items()},
        parts=found.parts,
        damaged=tuple(found.damaged),
        columns=found.columns,
        coverage=KnownHours(hours),
        received=received,
        pending_batches=waiting,
        lag_seconds=timestamps.lag_seconds(oldest, now) if oldest else 0.0,
        applications=held,
        recovered=frozenset(batch_id for (batch_id,) in recovered),
        scrub=ScrubRound.of(dict(scrubbed)) if scrubbed else None,
        scope=scope,
    )


@dataclass(slots=True)
class _Found:
    """Sorts the rows of live_files.sql into files that can be read and files that cannot."""

    root: Path
    files: dict[str, list[Path]] = field(default_factory=dict)
    parts: dict[Path, LivePart] = field(default_factory=dict)
    columns: dict[Path, str] = field(default_factory=dict)
    damaged: list[DamagedPart] = field(default_factory=list)

    def add(self, row: Row) -> None:
        part = LivePart(
            file=ExpectedFile(row["path"], row["sha256"], row["bytes"], row["rows"]),
            dataset=row["dataset"],
            day=row["day"],
            time_min=row["time_min"],
            time_max=row["time_max"],
            # Without its columns the catalog does not know the format either.
            format=row["format"] or (OLDEST_FORMAT if row["columns"] else None),
            facts=facts_number(row),
        )
        if row["kind"] is not None:
            why = Trouble(TroubleKind(row["kind"]), row["reason"])
            self.damaged.append(DamagedPart(part, why, row["found_at"]))
            return
        path = self.root / part.file.path
        unreadable = part.trouble_at_a_glance(path)
        if unreadable is not None:
            self.damaged.append(DamagedPart(part, unreadable))
            return
        self.files.setdefault(part.dataset, []).append(path)
        self.parts[path] = part
        if row["columns"] is not None:
            self.columns[path] = row["columns"]


def _hours(connection: Reading, scope: Scope) -> Iterator[KnownHour]:
    """What is known of every hour of the scope's dataset that overlaps its time."""
    bound = {
        "of_dataset": scope.dataset,
        "after": timestamps.to_text(scope.since - HOUR) if scope.since else _BEFORE_ALL,
        "before": timestamps.to_text(scope.until) if scope.until else _AFTER_ALL,
    }
    for job, hour, state, missing, why in connection.execute(_statement("known_hours"), bound):
        verdict = verdict_of(State(state), missing, why)
        yield KnownHour(job, timestamps.from_text(hour), verdict)


def _received(connection: Reading, scope: Scope) -> Iterator[tuple[datetime, datetime]]:
    """The times of the scope's dataset, of everybody; overlapping files, and hours, are one span."""
    since = until = None
    for row in connection.execute(_statement("received_spans"), {"of_dataset": scope.dataset}):
        first, last = map(timestamps.from_text, row)
        if since is not None and until is not None and first <= until + HOUR:
            until = max(until, last)
            continue
        if since is not None and until is not None:
            yield since, until
        since, until = first, last
    if since is not None and until is not None:
        yield since, until


def _statement(name: str) -> Statement:
    return Statement("store.reading.sql", name)
