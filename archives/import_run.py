"""Imports archives: each thread imports files and loads them while they are in memory.

Every file is stored in the same way as an upload, so a run that was killed can be repeated without
losing or duplicating a line. Files that an earlier run finished are skipped without being read.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event, Lock

from archives.archive import Archive, LeftOut, open_archive
from archives.bucket import BucketOptions
from archives.doubled_lines import doubled_lines
from archives.errors import CannotFill
from archives.file_import import FileImporter, FileResult
from archives.import_loader import ImportLoader
from schema import dataset_names
from schema.unknown_dataset import dataset_named
from store.log import Log, Update
from store.registers import fetches
from store.registers.fetches import ArchivedObject, ImportedFile, Kind, Source
from store.retention import expired_bodies
from store.store import Store

# One thread per core is always busy; of the threads that read a bucket, half wait for answers.
REMOTE_THREADS_PER_CORE = 2

# Finished files are recorded together, since each record is a commit. After a kill up to this many
# files are read again and found to be duplicates.
FILES_RECORDED_AT_ONCE = 32

# The first damaged files are named in the ledger; the command shows all of them.
DAMAGED_NAMED_MAX = 100

# The counts of a result that its ledger entry contains.
_COUNTS = ["objects", "skipped", "read", "batches", "duplicates", "trials", "cut", "body_bytes"]


@dataclass(frozen=True, slots=True)
class ImportRequest:
    archives: Sequence[Archive]
    dataset: str | None
    is_again: bool


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The files to import, how many an earlier run finished, and those that are left out."""

    todo: Sequence[tuple[Archive, ArchivedObject]]
    objects: int
    skipped: int
    left_out: Sequence[LeftOut] = ()

    @property
    def bytes(self) -> int:
        return sum(found.bytes for _, found in self.todo)

    @property
    def threads(self) -> int:
        cores = len(os.sched_getaffinity(0))
        is_remote = any(archive.is_remote for archive, _ in self.todo)
        return cores * REMOTE_THREADS_PER_CORE if is_remote else cores


@dataclass(slots=True, kw_only=True)
class ImportResult:
    """Counts of one run. `batches` are new; `sequence` is that of the run's ledger entry.

    `doubled` counts lines without an id of their own that equal a line of another batch; None if
    they were not compared: a service loads them, there are too many, or a file is damaged.
    """

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
    doubled: int | None = None
    damaged: list[tuple[str, str]] = field(default_factory=list)

    new_batches: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)

    def add(self, result: FileResult) -> None:
        self.read += 1
        self.new_batches += result.new_batch_ids
        self.batches += len(result.new_batch_ids)
        self.duplicates += result.duplicates
        self.trials += result.trials
        self.cut += result.is_cut
        self.body_bytes += result.body_bytes
        if result.damage:
            self.damaged.append((result.found.uri, result.damage))


def import_request(
    places: Sequence[str], bucket: BucketOptions, dataset: str, *, is_again: bool
) -> ImportRequest:
    """The request that a person typed. Nothing is read yet."""
    if dataset and dataset_named(dataset) is None:
        raise CannotFill(f"invalid dataset name {dataset!r}: use lower-case letters, digits and _")
    archives = [open_archive(place, bucket) for place in places]
    return ImportRequest(archives, dataset or None, is_again)


def demand_known_dataset(store: Store, request: ImportRequest) -> None:
    """CannotFill for a name that Cloudflare does not document and the store does not have.

    A receiver takes such a name, because a batch must not be lost; a person can be asked.
    """
    asked = request.dataset
    if asked is None or dataset_names.is_known(asked):
        return
    with store.catalog.read() as connection:
        held = expired_bodies.datasets(connection)
    if asked not in held:
        meant = dataset_names.nearest(asked, held)
        hint = f"did you mean {meant}? If it is new at Cloudflare" if meant else "if it is new"
        raise CannotFill(f"unknown dataset {asked!r}: {hint}, add --new-dataset")


def plan(store: Store, request: ImportRequest) -> ImportPlan:
    """The files that a run would read."""
    listings = [(archive, archive.listing()) for archive in request.archives]
    # A file may be named twice: by itself and by its folder.
    unique = {
        found.uri: (archive, found) for archive, listing in listings for found in listing.objects
    }
    left_out = {
        each.uri: each
        for _, listing in listings
        for each in listing.left_out
        if each.uri not in unique
    }
    objects = [found for _, found in unique.values()]
    done = (
        frozenset[ArchivedObject]()
        if request.is_again
        else fetches.imported(store.catalog, request.dataset or "", objects)
    )
    todo = [(archive, found) for archive, found in unique.values() if found not in done]
    return ImportPlan(todo, len(unique), len(done), tuple(left_out.values()))


def run(store: Store, request: ImportRequest, log: Log, tell: Update) -> ImportResult:
    """Import the requested files. The ledger entry is written even if the run fails."""
    store.recover()
    planned = plan(store, request)
    loader = ImportLoader(store, log)
    done = ImportResult(
        objects=planned.objects, skipped=planned.skipped, left_out=list(planned.left_out)
    )
    try:
        with loader.running():
            importer = FileImporter(store, request.dataset, loader.fresh)
            _Run(store, request, importer, loader, done, tell, iter(planned.todo)).import_all(
                planned.threads
            )
        done.is_loaded = loader.is_ours
        if done.is_loaded:
            done.doubled = doubled_lines(store, done.new_batches)
        done.is_whole = not done.damaged
    finally:
        # Threads finish in any order; the first files by name are named in the ledger.
        done.damaged.sort()
        entry = fetches.enter(
            store.catalog, store.clock(), Source(Kind.IMPORT), _facts(request, done)
        )
        done.sequence = entry.sequence
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    """`lock` guards the next file, the counts and the finished files."""

    store: Store
    request: ImportRequest
    importer: FileImporter
    loader: ImportLoader
    done: ImportResult
    tell: Update
    todo: Iterator[tuple[Archive, ArchivedObject]]
    finished: list[ImportedFile] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)
    stop: Event = field(default_factory=Event)

    def import_all(self, threads: int) -> None:
        try:
            with ThreadPoolExecutor(threads, "import") as workers:
                futures = [workers.submit(self._import_files) for _ in range(threads)]
                try:
                    wait(futures, return_when=FIRST_EXCEPTION)
                finally:
                    self.stop.set()
        finally:
            self._record()
        for each in futures:
            each.result()

    def _import_files(self) -> None:
        while not self.stop.is_set():
            with self.lock:
                found = next(self.todo, None)
            if found is None:
                return
            result = self.importer.import_file(*found)
            with self.lock:
                self._count(result)
            self.loader.make_room(self.stop)

    def _count(self, result: FileResult) -> None:
        self.done.add(result)
        if not result.damage:
            self.finished.append(ImportedFile(result.found, result.batch_ids))
        if len(self.finished) >= FILES_RECORDED_AT_ONCE:
            self._record()
        total = self.done.objects - self.done.skipped
        self.tell(f"importing, {self.done.read:,} of {total:,} files")

    def _record(self) -> None:
        finished = list(self.finished)
        fetches.note_imported(
            self.store.catalog, self.request.dataset or "", finished, self.store.clock()
        )
        self.finished.clear()


def _facts(request: ImportRequest, done: ImportResult) -> dict[str, object]:
    return {
        "sources": [archive.uri(archive.path) for archive in request.archives],
        "dataset": request.dataset,
        **{name: getattr(done, name) for name in _COUNTS},
        "damaged": len(done.damaged),
        "damaged_objects": [
            {"uri": uri, "reason": reason} for uri, reason in done.damaged[:DAMAGED_NAMED_MAX]
        ],
        "is_whole": done.is_whole,
        "left_out": len(done.left_out),
    }
