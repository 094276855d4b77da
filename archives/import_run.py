"""Imports archives: each thread enters files, and makes rows of them while they are at hand.

Every file goes the way of an upload, so killed at any point and run again nothing is lost and
nothing is twice. What an earlier run finished is skipped without being read.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Lock

from archives.archive import Archive, open_archive
from archives.bucket import BucketOptions
from archives.entry import Became, Entrance
from archives.errors import CannotFill
from archives.import_loader import LoaderBeside
from schema.unknown_dataset import dataset_named
from store.log import Log, Update
from store.registers import fetches
from store.registers.fetches import ArchivedObject, ImportedFile, Kind, Source
from store.store import Store

# A thread a core is at work all the time; of those that read a bucket half are on the way there.
FAR_THREADS_A_CORE = 2

# Finished files are noted together, since each note is a commit; after a kill so many files more
# are read again, and are duplicates.
NOTED_AT_ONCE = 32

# Of damaged files so many are named in the ledger; all are told on the spot.
DAMAGE_NAMED_MAX = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    archives: Sequence[Archive]
    dataset: str | None
    is_again: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What there is to import, and how much of it an earlier run finished."""

    todo: Sequence[tuple[Archive, ArchivedObject]]
    objects: int
    skipped: int

    @property
    def bytes(self) -> int:
        return sum(found.bytes for _, found in self.todo)

    @property
    def threads(self) -> int:
        cores = len(os.sched_getaffinity(0))
        is_far = any(archive.is_far for archive, _ in self.todo)
        return cores * FAR_THREADS_A_CORE if is_far else cores


@dataclass(slots=True, kw_only=True)
class Imported:
    """Counts of one run. `batches` are new ones; `sequence` is that of the run's entry."""

    objects: int
    skipped: int
    read: int = 0
    batches: int = 0
    duplicates: int = 0
    trials: int = 0
    cut: int = 0
    body_bytes: int = 0
    is_whole: bool = False
    is_loaded: bool = False
    sequence: int | None = None
    damaged: list[tuple[str, str]] = field(default_factory=list)

    def add(self, became: Became) -> None:
        self.read += 1
        self.batches += became.new_batches
        self.duplicates += became.duplicates
        self.trials += became.trials
        self.cut += became.is_cut
        self.body_bytes += became.body_bytes
        if became.damage:
            self.damaged.append((became.found.uri, became.damage))


def wanted(places: Sequence[str], bucket: BucketOptions, dataset: str, *, is_again: bool) -> Wanted:
    """What was typed; nothing is looked at yet."""
    if dataset and dataset_named(dataset) is None:
        raise CannotFill(f"no dataset can be called {dataset!r}")
    archives = [open_archive(place, bucket) for place in places]
    return Wanted(archives, dataset or None, is_again)


def plan(store: Store, wanted: Wanted) -> Plan:
    """What a run would read."""
    listed = [(archive, found) for archive in wanted.archives for found in archive.objects()]
    # The same file may be named twice, by itself and by its folder.
    unique = {found.uri: (archive, found) for archive, found in listed}
    objects = [found for _, found in unique.values()]
    done = (
        frozenset[ArchivedObject]()
        if wanted.is_again
        else fetches.imported(store.catalog, wanted.dataset or "", objects)
    )
    todo = [(archive, found) for archive, found in unique.values() if found not in done]
    return Plan(todo, len(unique), len(done))


def run(store: Store, wanted: Wanted, log: Log, tell: Update) -> Imported:
    """Import what is wanted. The entry is written even where the run ends before its end."""
    store.recover()
    planned = plan(store, wanted)
    loader = LoaderBeside(store, log)
    done = Imported(objects=planned.objects, skipped=planned.skipped)
    try:
        with loader.at_work():
            entrance = Entrance(store, wanted.dataset, loader.fresh)
            _Run(store, wanted, entrance, loader, done, tell, iter(planned.todo)).enter_all(
                planned.threads
            )
        done.is_loaded = loader.is_ours
        done.is_whole = not done.damaged
    finally:
        entry = fetches.enter(
            store.catalog, store.clock(), Source(Kind.IMPORT), _facts(wanted, done)
        )
        done.sequence = entry.sequence
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    """Whoever takes the next file, or counts and notes a finished one, holds `lock`."""

    store: Store
    wanted: Wanted
    entrance: Entrance
    loader: LoaderBeside
    done: Imported
    tell: Update
    todo: Iterator[tuple[Archive, ArchivedObject]]
    finished: list[ImportedFile] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    stop: Event = field(default_factory=Event)

    def enter_all(self, threads: int) -> None:
        try:
            with ThreadPoolExecutor(threads, "import") as workers:
                under_way = [workers.submit(self._enter_each) for _ in range(threads)]
                try:
                    wait(under_way, return_when=FIRST_EXCEPTION)
                finally:
                    self.stop.set()
        finally:
            self._note()
        for each in under_way:
            each.result()

    def _enter_each(self) -> None:
        while not self.stop.is_set():
            with self.lock:
                found = next(self.todo, None)
            if found is None:
                return
            became = self.entrance.enter(*found)
            with self.lock:
                self._take(became)
            self.loader.make_room(self.stop)

    def _take(self, became: Became) -> None:
        self.done.add(became)
        if not became.damage:
            self.finished.append(ImportedFile(became.found, became.batch_ids))
        if len(self.finished) >= NOTED_AT_ONCE:
            self._note()
        total = self.done.objects - self.done.skipped
        self.tell(f"importing, {self.done.read:,} of {total:,} files")

    def _note(self) -> None:
        noted = list(self.finished)
        fetches.note_imported(
            self.store.catalog, self.wanted.dataset or "", noted, self.store.clock()
        )
        self.finished.clear()


def _facts(wanted: Wanted, done: Imported) -> dict[str, object]:
    return {
        "sources": [archive.uri(archive.path) for archive in wanted.archives],
        "dataset": wanted.dataset,
        "objects": done.objects,
        "skipped": done.skipped,
        "read": done.read,
        "batches": done.batches,
        "duplicates": done.duplicates,
        "trials": done.trials,
        "cut": done.cut,
        "body_bytes": done.body_bytes,
        "damaged": len(done.damaged),
        "damaged_objects": [
            {"uri": uri, "reason": reason} for uri, reason in done.damaged[:DAMAGE_NAMED_MAX]
        ],
        "is_whole": done.is_whole,
    }
