"""Derives the catalog's tables from the entries of the ledger, in their order.

| table                                    | from                                                        |
|------------------------------------------|-------------------------------------------------------------|
| `entries`                                | the entries themselves, unchanged                           |
| `batches`                                | `batch`, `loaded`, `unread`, `replayed`, `reassigned`, `resend`, `retired`, `erased`, `kept_out` |
| `files`                                  | `loaded`, `compacted`, `retired`, `erased`, `replayed`, `reassigned`; users, columns, format and folded lines from the files |
| `people`                                 | the files of days and months                                |
| `user_names`, `user_days`                | the files                                                   |
| `user_facts`, `fact_values`              | nothing: the compactor computes them again, and questions read the files till then |
| `removals`                               | files and bodies that were retired and are still on disk    |
| `holds`                                  | `hold`, `released`, `erased`; the criteria from `holds/`    |
| `name_pairs`                             | `linked_names`, `distinct_names`; the names from `links/`   |
| `keep_outs`                              | `erased`                                                    |
| `excluded_records`                       | `kept_out`                                                  |
| `applications`, `coverage`, `canaries`, `drifts`, `acknowledgements` | their entries                   |
| `refusals`                               | bodies in `quarantine/`, each counted once                  |
| `counts`                                 | `batches` and `files`                                       |
| `facts`                                  | this version; whether an erasure has to purge is assumed    |
| `fields`, `batches.tally`                | nothing: a replay finds them again                          |
| `imports`                                | nothing: an import that is repeated reads its files again   |
| `backups`                                | nothing: the next backup notes its place again              |
| `marks`                                  | nothing: the next fetch makes them of the raw bodies        |
| `clock`                                  | nothing: the next look makes it of the entries              |
| `inferred_names`, `inferences`           | nothing: the service judges the store again                 |
| `damaged`, `scrubs`, `checks`            | nothing: the loader, the scrub and `fsck` find damage again |

Each part is a file of this room.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from store.catalog import counts, ledger
from store.catalog.counts import CatalogRow
from store.erasure import unpurged
from store.files import stray
from store.files.layout import Layout
from store.keepout import exclusion
from store.keepout import register as keep_outs
from store.ledger.entry import End, Entry
from store.rebuild import register_rows
from store.rebuild.batch_rows import BatchRows
from store.rebuild.disk import Disk
from store.rebuild.file_rows import FileRows
from store.rebuild.hold_rows import HoldRows
from store.rebuild.name_pair_rows import NamePairRows
from store.rebuild.unnamed_files import UnnamedFiles, unnamed_files
from store.registers import acknowledgements
from store.registers.identity import name_pairs

# Kinds that only the table `entries` has; the registers read them there.
ENTRIES_ONLY = frozenset(
    {
        "pulled",
        "import",
        "backfill",
        "token",
        "upstream",
        "dropped",
        "rebuilt",
        "clock",
        "accepted",
    }
)
KNOWN_KINDS = ENTRIES_ONLY | {
    "batch",
    "loaded",
    "unread",
    "resend",
    "replayed",
    "reassigned",
    "compacted",
    "retired",
    "reentered",
    "erased",
    "kept_out",
    "hold",
    "released",
    "applications",
    "coverage",
    "canary",
    "drift",
    "acknowledged",
    *name_pairs.KINDS,
}

ENTRIES_AT_ONCE = 1_000


@dataclass(slots=True)
class Derivation:
    """Feed it every entry, then call `finish`. The caller holds the write lock and commits."""

    connection: Connection
    layout: Layout
    disk: Disk
    batches: BatchRows = field(init=False)
    files: FileRows = field(init=False)
    holds: HoldRows = field(init=False)
    name_pairs: NamePairRows = field(init=False)
    kinds: Counter[str] = field(default_factory=Counter)
    guessed_applications: int = 0
    # Erasures of older versions did not note whose bodies they removed: their entries.
    silent_erasures: list[int] = field(default_factory=list)
    end: End = field(default_factory=End)
    _entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.batches = BatchRows(self.connection)
        self.files = FileRows(self.layout, self.disk.parts)
        self.holds = HoldRows(self.layout)
        self.name_pairs = NamePairRows(self.layout)

    def take(self, entry: Entry) -> None:
        self._entries.append(entry)
        if len(self._entries) >= ENTRIES_AT_ONCE:
            self._insert_entries()
        self.kinds[entry.kind] += 1
        self.end = entry.end
        self._derive(entry)

    def _derive(self, entry: Entry) -> None:
        match entry.kind:
            case "batch":
                self.batches.enter(entry)
            case "loaded":
                self.batches.load(entry)
                self.files.swap(entry)
            case "unread":
                self.batches.set_aside(entry)
            case "resend":
                self.batches.resend(entry)
            case "replayed" | "reassigned":
                self.batches.replay(entry)
                self.files.swap(entry)
            case "compacted":
                self.files.swap(entry)
            case "retired" | "reentered":
                self.batches.retire_bodies(entry)
                self.files.swap(entry)
            case "erased":
                self._erase(entry)
            case "kept_out":
                self.batches.retire_bodies(entry)
                exclusion.record(self.connection, entry.sequence, entry.payload["batches"])
            case _:
                self._derive_register(entry)

    def _erase(self, entry: Entry) -> None:
        self.batches.retire_bodies(entry)
        self.files.swap(entry)
        self.holds.blank(entry)
        keep_outs.add(self.connection, entry.sequence, entry.payload.get("keep_out"))
        if entry.payload["raw_bodies"] and "raw_batches" not in entry.payload:
            self.silent_erasures.append(entry.sequence)

    def _derive_register(self, entry: Entry) -> None:
        match entry.kind:
            case "hold":
                self.holds.place(entry)
            case "released":
                self.holds.release(entry)
            case "applications":
                guessed = register_rows.change_applications(self.connection, entry)
                self.guessed_applications += guessed
            case "coverage":
                register_rows.add_coverage(self.connection, entry)
            case "canary":
                register_rows.add_canary(self.connection, entry)
            case "drift":
                register_rows.add_drift(self.connection, entry)
            case "acknowledged":
                acknowledgements.add(self.connection, entry)
            case name_pairs.DISTINCT | name_pairs.LINKED:
                self.name_pairs.enter(self.connection, entry)
            case _:
                pass  # Of ENTRIES_ONLY, or of a newer version.

    def unnamed(self) -> UnnamedFiles:
        """What lies on disk without an entry, and must have had one."""
        self.batches.settle()
        named = self.files.named()
        return unnamed_files(self.connection, self.layout, self.disk, named, self.end.sequence)

    def finish(self) -> Iterator[str]:
        """Write what waits, and the totals; yields a sentence for everything that is not known."""
        self._insert_entries()
        self.batches.write(self.disk.raw)
        bodies = self.batches.missing_bodies(self.disk.raw)
        lost = {batch["raw_path"]: batch["batch_id"] for batch in bodies}
        back = stray.bring_back(self.layout, lost | self.files.missing())
        yield from self._missing_bodies([each for each in bodies if each["raw_path"] not in back])
        for path in self.files.write(self.connection):
            yield f"{path}: it is missing or cannot be read, so its rows are not in any answer"
        yield from self.holds.write(self.connection)
        yield from self.name_pairs.unknown()
        counts.fill(self.connection)
        if self.kinds["erased"]:
            # The old catalog, which is kept, may have bytes that an erasure did not purge.
            unpurged.note_anybody(self.connection)
        if self.guessed_applications:
            yield (
                f"{self.guessed_applications:,} versions of Access applications: when they began is"
                " not known; they apply from the time at which they were first pulled"
            )
        for kind in sorted(self.kinds.keys() - KNOWN_KINDS):
            yield f"entries of kind {kind!r}: they are kept, but this version does not know them"

    def notes(self) -> Iterator[str]:
        """A sentence for everything that is lost without a consequence for any row."""
        if self.batches.undescribed:
            yield (
                f"{self.batches.undescribed:,} batches: which decoder read them and which values"
                " gave trouble is not known; `raytrail replay` finds it again while raw bodies are"
                " kept"
            )
        if self.kinds["import"]:
            yield (
                "which files of an archive were imported is not known: an import that is repeated"
                " reads them again, and adds nothing"
            )
        if self.kinds["pulled"] or self.kinds["backfill"]:
            yield (
                "which records were fetched before is read from the raw bodies at the next fetch;"
                " a record whose raw body is gone can be stored a second time if it is fetched again"
            )

    def _missing_bodies(self, missing: Sequence[CatalogRow]) -> Iterator[str]:
        for batch in missing:
            sequence, path = batch["sequence"], batch["raw_path"]
            erasures = [each for each in self.silent_erasures if each > sequence]
            if erasures:
                self.batches.retire_body(sequence, erasures[-1])
                yield f"{path}: it is gone; probably the erasure of entry {erasures[-1]} removed it"
            else:
                yield f"{path}: the raw body is missing; its rows stay"

    def _insert_entries(self) -> None:
        if self._entries:
            ledger.insert_all(self.connection, self._entries)
            self._entries = []
