"""Imports archives: files are read ahead and entered, while a loader makes rows of them.

Every file goes the way of an upload, so killed at any point and run again nothing is lost and
nothing is twice. What an earlier run finished is skipped without being read.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from raytrail.entering import Became, Entrance
from raytrail.errors import CannotDo
from raytrail.loading_beside import LoaderBeside
from raytrail.progress import Update
from receiver.refusal_log import Log
from schema.unknown import dataset_named
from store import imports
from store.archive import Archive, ArchivedObject, open_archive
from store.bucket import BucketOptions
from store.imports import Finished
from store.store import Store

# Files under way: enough that a bucket's round trips cost nothing, few enough that the loader,
# which is the slower one, keeps its cores.
READERS = 2
READERS_AHEAD = 4

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
        raise CannotDo(f"no dataset can be called {dataset!r}")
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
        else imports.known(store.catalog, wanted.dataset or "", objects)
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
            _Run(store, wanted, loader, done, tell).enter_all(planned)
        done.is_loaded = loader.is_ours
        done.is_whole = not done.damaged
    finally:
        done.sequence = imports.enter(store.catalog, store.clock(), _facts(wanted, done)).sequence
    return done


@dataclass(frozen=True, slots=True)
class _Run:
    store: Store
    wanted: Wanted
    loader: LoaderBeside
    done: Imported
    tell: Update
    finished: list[Finished] = field(default_factory=list)

    def enter_all(self, planned: Plan) -> None:
        with ThreadPoolExecutor(READERS, "import") as readers:
            under_way = deque[Future[Became]]()
            try:
                for started in self._start(planned, readers):
                    under_way.append(started)
                    if len(under_way) >= READERS_AHEAD:
                        self._take(under_way.popleft().result(), len(planned.todo))
                while under_way:
                    self._take(under_way.popleft().result(), len(planned.todo))
            finally:
                for future in under_way:
                    future.cancel()
                self._note()

    def _start(self, planned: Plan, readers: Executor) -> Iterator[Future[Became]]:
        entrance = Entrance(self.store, self.wanted.dataset, self.loader.fresh)
        for archive, found in planned.todo:
            self.loader.wait_for_room()
            yield readers.submit(entrance.enter, archive, found)

    def _take(self, became: Became, total: int) -> None:
        self.done.add(became)
        if not became.damage:
            self.finished.append(Finished(became.found, became.batch_ids))
        if len(self.finished) >= NOTED_AT_ONCE:
            self._note()
        self.tell(f"importing, {self.done.read:,} of {total:,} files")

    def _note(self) -> None:
        noted = list(self.finished)
        imports.remember(self.store.catalog, self.wanted.dataset or "", noted, self.store.clock())
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
