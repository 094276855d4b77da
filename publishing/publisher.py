"""Publishes the live files as Iceberg tables: the metadata is written, the files stay as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from publishing import sql_catalog, state, sweeping
from publishing.errors import NotPublished
from publishing.places import DATASETS, Places
from publishing.state import PublishedState
from store import timestamps
from store.backoff import Backoff
from store.errors import StoreBusy
from store.files import durable
from store.parquet.footer import FORMAT
from store.reading.tables import table_files
from store.reading.tables.table_files import TableFiles
from store.store import Store

if TYPE_CHECKING:
    from publishing.table import Published

# The first publishing of 10,000 files takes a second or two.
WAITING = Backoff(seconds_max=30)

MISSING = "pyiceberg is not installed; run `pip install 'raytrail[iceberg]'`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """`root` is the data folder as engines see it; None if it is the same here."""

    store: Store
    root: Path | None = None
    waiting: Backoff = WAITING

    @property
    def seen_root(self) -> Path:
        return self.root or self.store.layout.root.absolute()

    def publish(self) -> PublishedState:
        """Let the tables show the live files as they are now; what they are then.

        Objects that only older versions of the tables named are removed after a grace, and at once
        if an erasure or retention removed rows since. NotPublished, StoreBusy, NoRoom or DiskFailed
        if that fails: then the tables show what they showed.
        """
        _demand_pyiceberg()
        places = Places.of(self.store.layout, self.seen_root)
        with self.locked():
            return self._publish(places)

    def withdraw(self) -> None:
        """Remove all that was ever published. It needs no pyiceberg."""
        with self.locked():
            sweeping.remove_all(self.store.layout)

    @contextmanager
    def locked(self) -> Iterator[None]:
        for _ in self.waiting.attempts():
            with durable.lock(self.store.layout.publishing_lock) as is_alone:
                if is_alone:
                    yield
                    return
        raise StoreBusy("published/: another process writes it")

    def _publish(self, places: Places) -> PublishedState:
        layout = self.store.layout
        before = state.read(layout) or PublishedState()
        now = self.store.clock()
        found = table_files.read(self.store.catalog, DATASETS)
        is_at_once = is_of_removed(self.store, before)
        refused = dict(_refused(found))
        wanted = [dataset for dataset in _wanted(found, before) if dataset not in refused]
        durable.make_folder(layout.published)
        published = _tables(places, found, before, wanted, now)
        tables = {dataset: each.state for dataset, each in published.items()}
        sql_catalog.point(
            layout.published / sql_catalog.NAME,
            {name: places.location(layout.root / each.metadata) for name, each in tables.items()},
        )
        kept = {
            places.metadata(dataset) / name
            for dataset, each in published.items()
            for name in each.objects
        }
        done = PublishedState(
            sequence=found.sequence,
            digest=found.digest,
            change=found.change,
            published_at=timestamps.to_text(now),
            root=str(places.seen_root),
            tables=tables,
            refused=refused,
            left=sweeping.sweep(layout, kept, before.left, now, is_at_once=is_at_once),
        )
        state.write(layout, done)
        return done


def is_of_removed(store: Store, published: PublishedState | None) -> bool:
    """Whether something is published from before an erasure or retention, or of unknown age."""
    if not any(True for _ in sweeping.objects(store.layout)):
        return False
    if published is None:
        return True
    sequence = published.sequence
    if sequence and not table_files.has_entry(store.catalog, sequence, published.digest):
        return True
    return table_files.has_removed_since(store.catalog, max(sequence, published.searched))


def _tables(
    places: Places, found: TableFiles, before: PublishedState, wanted: list[str], now: datetime
) -> "dict[str, Published]":
    # Late: it loads pyiceberg.
    from publishing.table import Table  # noqa: PLC0415

    return {
        dataset: Table(
            places=places,
            dataset=dataset,
            found=found,
            milliseconds=int(now.replace(tzinfo=UTC).timestamp() * 1000),
            before=before.tables.get(dataset),
        ).publish()
        for dataset in wanted
    }


def _demand_pyiceberg() -> None:
    try:
        import pyiceberg  # noqa: F401, PLC0415 - an extra, and slow to load
    except ImportError as error:
        raise NotPublished(MISSING) from error


def _wanted(found: TableFiles, before: PublishedState) -> list[str]:
    """Datasets with files; and those that had some, whose tables become empty."""
    return [name for name in DATASETS if found.of_datasets[name] or name in before.tables]


def _refused(found: TableFiles) -> Iterator[tuple[str, str]]:
    """Datasets that no table can show exactly: a time in an older file has no zone."""
    for dataset, files in found.of_datasets.items():
        if older := sum(file.format < FORMAT for file in files):
            noun = "file is" if older == 1 else "files are"
            why = f"{older:,} {noun} of an older format, in which a time has no zone"
            yield dataset, f"{why}; run `raytrail compact --rewrite`"
