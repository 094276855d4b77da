"""The folder of a backup: its layout, lock and manifest.

The manifest, `backup.json`, has the SHA-256 of each catalog that `backup.sqlite` may be. These are
two while the catalog is being replaced, so a damaged catalog is always recognised.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from store.errors import BackupRefused, StoreDamaged
from store.files import durable
from store.files.copying import sha256_of
from store.files.layout import DRAFT_PREFIX, draft_path

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFacts:
    """Identifies a catalog; sequence and digest are those of its newest ledger entry.

    `left_out` are files that it names and the backup lacks, because the store had lost them.
    """

    sha256: str
    sequence: int
    digest: str
    taken_at: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackupFolder:
    root: Path

    @property
    def catalog(self) -> Path:
        """Named differently than in a store, so that no service opens a backup and changes it."""
        return self.root / "backup.sqlite"

    @property
    def manifest(self) -> Path:
        return self.root / "backup.json"

    @property
    def lock(self) -> Path:
        return self.root / ".backup.lock"

    def demand_apart(self, data: Path) -> None:
        """Refuse a backup inside the store or around it: each deletes files that it does not know."""
        ours, theirs = self.root.resolve(), data.resolve()
        if ours == theirs or ours in theirs.parents or theirs in ours.parents:
            raise BackupRefused(f"{self.root} and {data}: neither may be inside the other")

    def make(self) -> None:
        """Make the folder; refuse one that has other files than a backup."""
        if self.root.exists() and not self.root.is_dir():
            raise BackupRefused(f"{self.root} is not a folder")
        durable.make_folders(self.root.absolute())
        names = {path.name for path in self.root.iterdir()} - {self.lock.name}
        others = {name for name in names if not name.startswith(DRAFT_PREFIX)}
        if others and not self.manifest.exists():
            raise BackupRefused(f"{self.root} is not empty, and not a backup")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock out other backups and restores; a folder that is read-only needs no lock."""
        if not os.access(self.root, os.W_OK):
            yield
            return
        with durable.lock(self.lock) as has_lock:
            if not has_lock:
                raise BackupRefused(f"{self.root}: another backup or restore is using this folder")
            yield

    def remove_drafts(self) -> None:
        """Delete what a killed backup has left. The caller holds the lock."""
        for draft in self.root.glob(f"{DRAFT_PREFIX}*"):
            durable.remove(draft, synced=False)

    def catalogs(self) -> list[CatalogFacts]:
        """The catalogs in the manifest; none before the first backup is complete."""
        if not self.manifest.exists():
            raise BackupRefused(f"{self.root} has no backup")
        try:
            told = orjson.loads(self.manifest.read_bytes())
            if told["form"] != FORMAT:
                raise BackupRefused(
                    f"{self.root}: the backup was made by another version of Raytrail"
                )
            return [
                CatalogFacts(**{**facts, "left_out": tuple(facts.get("left_out", ()))})
                for facts in told["catalogs"]
            ]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise StoreDamaged(
                f"{self.manifest}: cannot be read as the manifest of a backup"
            ) from error

    def current(self) -> CatalogFacts | None:
        """The catalog in the folder; None if it is missing or damaged."""
        if not self.catalog.exists():
            return None
        found = sha256_of(self.root, self.catalog.name)
        return next((facts for facts in self.catalogs() if facts.sha256 == found), None)

    def write_manifest(self, *catalogs: CatalogFacts) -> None:
        """Name the catalogs that the folder may have from now on."""
        told = {"form": FORMAT, "catalogs": [asdict(facts) for facts in catalogs]}
        draft = draft_path(self.root, "manifest")
        fd = durable.create_locked(draft)
        try:
            durable.write_all(fd, orjson.dumps(told, option=orjson.OPT_INDENT_2))
        finally:
            durable.close(fd)
        durable.replace(draft, self.manifest)
