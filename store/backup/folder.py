"""The folder that holds a backup: what lies where, and what says that it is one.

`backup.json` names the SHA-256 of each catalog that `backup.sqlite` may be: two while one takes
the other's place, so that at every moment a damaged copy can be told from a whole one.
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

FORM = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFacts:
    """Which catalog a backup holds; sequence and digest are those of its newest entry."""

    sha256: str
    sequence: int
    digest: str
    taken_at: str


@dataclass(frozen=True, slots=True)
class BackupFolder:
    root: Path

    @property
    def catalog(self) -> Path:
        """Not called as in a store, so that nobody serves from a backup and changes it."""
        return self.root / "backup.sqlite"

    @property
    def mark(self) -> Path:
        return self.root / "backup.json"

    @property
    def lock(self) -> Path:
        return self.root / ".backup.lock"

    def demand_apart(self, data: Path) -> None:
        """Store and backup must not lie one in the other: each removes what it does not know."""
        ours, theirs = self.root.resolve(), data.resolve()
        if ours == theirs or ours in theirs.parents or theirs in ours.parents:
            raise BackupRefused(f"{self.root} and {data}: neither may lie within the other")

    def make(self) -> None:
        """Make the folder; refuse one that holds anything else than a backup."""
        if self.root.exists() and not self.root.is_dir():
            raise BackupRefused(f"{self.root} is no folder")
        durable.make_folders(self.root.absolute())
        names = {path.name for path in self.root.iterdir()} - {self.lock.name}
        others = {name for name in names if not name.startswith(DRAFT_PREFIX)}
        if others and not self.mark.exists():
            raise BackupRefused(f"{self.root} is not empty, and what it holds is no backup")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second backup or a restore out, where a backup could be written at all."""
        if not os.access(self.root, os.W_OK):
            yield
            return
        with durable.lock(self.lock) as alone:
            if not alone:
                raise BackupRefused(f"{self.root}: another backup or a restore is at work there")
            yield

    def sweep(self) -> None:
        """Remove what a backup that was killed has left. Whoever calls it is alone."""
        for draft in self.root.glob(f"{DRAFT_PREFIX}*"):
            durable.remove(draft, synced=False)

    def candidates(self) -> list[CatalogFacts]:
        """The catalogs that may be there; none before the first backup is whole."""
        if not self.mark.exists():
            raise BackupRefused(f"{self.root} holds no backup")
        try:
            told = orjson.loads(self.mark.read_bytes())
            if told["form"] != FORM:
                raise BackupRefused(f"{self.root}: made by another version of Raytrail")
            return [CatalogFacts(**facts) for facts in told["catalogs"]]
        except (orjson.JSONDecodeError, KeyError, TypeError) as error:
            raise StoreDamaged(f"{self.mark}: not what a backup writes") from error

    def current(self) -> CatalogFacts | None:
        """The catalog that is there and whole; None where there is none of that kind."""
        if not self.catalog.exists():
            return None
        found = sha256_of(self.root, self.catalog.name)
        return next((facts for facts in self.candidates() if facts.sha256 == found), None)

    def announce(self, *catalogs: CatalogFacts) -> None:
        """Say which catalogs may be there from now on."""
        told = {"form": FORM, "catalogs": [asdict(facts) for facts in catalogs]}
        draft = draft_path(self.root, "mark")
        fd = durable.create_locked(draft)
        try:
            durable.write_all(fd, orjson.dumps(told, option=orjson.OPT_INDENT_2))
        finally:
            durable.close(fd)
        durable.replace(draft, self.mark)
