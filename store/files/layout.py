"""Where everything lies inside the data folder. File names are made only here."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from store.database import Database
from store.errors import CatalogMissing, DiskFailed, LayoutRefused, StoreUnavailable
from store.files import durable
from store.files.hard_links import links_and_locks

DRAFT_PREFIX = ".draft-"
PROBE_PREFIX = ".probe-"
# Output of a writer of parts that no catalog names yet; see store/sweep.py.
UNFINISHED_PREFIX = ".unfinished-"
AUDIT_LABEL = "audit"
OTHER_DAY = "__other__"
REJECTED = "rejected"

# What a rebuild makes of the name of the catalog that it replaces, before a time.
REPLACED_CATALOG = "catalog-before-rebuild-"
# And of a ledger/ that could not be read to its end.
REPLACED_LEDGER = "ledger-before-rebuild-"

# Files that a compaction makes; loaders and replays do not sweep them.
SORTED_LABEL = "sorted"
SORTED_PREFIX = "sorted-"


@dataclass(frozen=True, slots=True)
class Layout:
    """`data/` as DESIGN draws it. With `database` the catalog is there, and not in `root`."""

    root: Path
    database: Database | None = None

    @classmethod
    def of(cls, place: "Path | Self") -> Self:
        return cls(place) if isinstance(place, Path) else place

    @property
    def raw(self) -> Path:
        return self.root / "raw"

    @property
    def parts(self) -> Path:
        return self.root / "parts"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def stray(self) -> Path:
        """Finished files that the catalog does not know; see store/files/stray.py."""
        return self.root / "stray"

    @property
    def catalog(self) -> Path:
        return self.root / "catalog.sqlite"

    @property
    def catalog_mark(self) -> Path:
        return self.root / "catalog.postgresql"

    @property
    def catalog_file(self) -> Path:
        return self.catalog_mark if self.database else self.catalog

    @property
    def catalog_name(self) -> str:
        return str(self.database or self.catalog)

    @property
    def ledger(self) -> Path:
        """Every entry of the ledger once more, in files; see store/ledger/ledger_files.py."""
        return self.root / "ledger"

    @property
    def audit(self) -> Path:
        return self.root / "audit.duckdb"

    @property
    def audit_log(self) -> Path:
        """The write-ahead log that a DuckDB shell would write; see store/reading/views.py."""
        return self.root / "audit.duckdb.wal"

    @property
    def shell_spills(self) -> Path:
        """Where DuckDB shells put rows aside that were opened without `raytrail shell`."""
        return self.root / "audit.duckdb.tmp"

    @property
    def spills(self) -> Path:
        """Rows that a question or a shell puts aside; see store/files/spills.py."""
        return self.root / ".spills"

    @property
    def tokens(self) -> Path:
        """Ingest tokens that `setup` made; see store/registers/tokens.py."""
        return self.root / "tokens"

    @property
    def holds(self) -> Path:
        """The criteria of legal holds, one file each; see store/retention/hold_files.py."""
        return self.root / "holds"

    @property
    def links(self) -> Path:
        """Names that an operator linked, one file each; see store/registers/identity."""
        return self.root / "links"

    @property
    def published(self) -> Path:
        """The live files as tables for other engines; see publishing/."""
        return self.root / "published"

    @property
    def restored_erasures(self) -> Path:
        """Erasures that a restored store waits for; see store/backup/unresolved.py."""
        return self.root / "restored-erasures.json"

    @property
    def setup_lock(self) -> Path:
        """Held while `setup` changes Cloudflare's settings: one process at a time."""
        return self.root / ".setup.lock"

    @property
    def serve_lock(self) -> Path:
        return self.root / ".serve.lock"

    @property
    def loader_lock(self) -> Path:
        return self.root / ".loader.lock"

    @property
    def replay_lock(self) -> Path:
        return self.root / ".replay.lock"

    @property
    def replay_mark(self) -> Path:
        """Exists while a replay makes parts. If the replay lock is free, that replay was killed."""
        return self.root / ".replay-unfinished"

    @property
    def rewrite_lock(self) -> Path:
        """Held by a process that merges, retires or erases: one at a time."""
        return self.root / ".rewrite.lock"

    @property
    def publishing_lock(self) -> Path:
        """Held by a process that writes `published`: one at a time."""
        return self.root / ".publishing.lock"

    @property
    def unclean_mark(self) -> Path:
        """Exists if the last service was killed and the catalog's pages were not checked since."""
        return self.root / ".unclean-stop"

    @property
    def restore_mark(self) -> Path:
        """Exists until a restore into this folder is complete; a store with it cannot be served."""
        return self.root / ".restore-unfinished"

    def probe_of(self, pid: int) -> Path:
        """A small file that this process writes to try the disk; it exists for a moment only."""
        return self.root / f"{PROBE_PREFIX}{pid}"

    @property
    def rebuild_mark(self) -> Path:
        """Exists while a rebuild puts its catalog in place; it has the name of the one it replaces."""
        return self.root / ".rebuild-unfinished"

    def replaced_catalogs(self) -> list[Path]:
        """Catalogs that a rebuild replaced, and their logs. The next erasure removes them."""
        return sorted(self.root.glob(f"{REPLACED_CATALOG}*"))

    def relative(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def part_folder(self, dataset: str, day: str) -> Path:
        return self.parts / dataset / f"date={day}"

    def month_folder(self, dataset: str, month: str) -> Path:
        return self.parts / dataset / f"month={month}"

    def make(self) -> None:
        """Make missing folders, durably, and check that the disk can keep the promise."""
        if self.restore_mark.exists():
            raise StoreUnavailable(f"{self.root}: a restore was not finished; run it again")
        if self.restored_erasures.exists():
            raise StoreUnavailable(
                f"{self.root} was restored from a backup that is older than an erasure: erase each"
                " person again with `raytrail erase`, or run `raytrail erasures accept`;"
                " `raytrail erasures list --waiting` lists what the store waits for"
            )
        if self.rebuild_mark.exists():
            raise CatalogMissing(
                f"{self.root}: a rebuild was not finished; run `raytrail rebuild` again"
            )
        self.make_folders()

    def make_folders(self) -> None:
        try:
            durable.make_folders(self.root.absolute())
            for folder in (self.raw, self.parts, self.quarantine):
                durable.make_folder(folder)
            works = links_and_locks(*(draft_path(self.raw, "probe") for _ in range(2)))
        except (DiskFailed, StoreUnavailable) as error:
            raise LayoutRefused(f"{self.root} cannot store batches durably: {error}") from error
        if not works:
            raise LayoutRefused(f"{self.root}: hard links do not work on this file system")

    def require_store(self) -> None:
        if not self.raw.is_dir():
            raise StoreUnavailable(f"no store at {self.root}")


def draft_path(folder: Path, label: str) -> Path:
    """A unique name; `label` tells a later sweeper what the draft was for."""
    return folder / f"{DRAFT_PREFIX}{secrets.token_hex(8)}-{label}"


def draft_label(path: Path) -> str:
    return path.name.removeprefix(DRAFT_PREFIX).partition("-")[2]


def unfinished_path(folder: Path, label: str) -> Path:
    """A unique name for output that is not committed; `label` tells which writers sweep it."""
    return folder / f"{UNFINISHED_PREFIX}{label}-{secrets.token_hex(8)}"


def is_unfinished(path: Path) -> bool:
    """Whether its name says that it is output of a writer; earlier versions named it a draft."""
    return path.name.startswith((UNFINISHED_PREFIX, DRAFT_PREFIX))


def is_month(path: Path) -> bool:
    """Whether a file holds a month, and so lies in no day's folder."""
    return path.parent.name.startswith("month=")


def is_sorted(path: Path) -> bool:
    """Whether a compaction made it or is making it."""
    if path.name.startswith(DRAFT_PREFIX):
        return draft_label(path) == SORTED_LABEL
    if path.name.startswith(UNFINISHED_PREFIX):
        return path.name.startswith(f"{UNFINISHED_PREFIX}{SORTED_LABEL}-")
    return path.name.startswith(SORTED_PREFIX)
