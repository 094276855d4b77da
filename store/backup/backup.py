"""A backup: the store as one moment saw it, copied while it is at work.

The order is the promise. New files are copied first, then the copy of the catalog takes the place
of the earlier one, then what it no longer names is removed. Killed anywhere, the folder holds the
earlier backup whole or the new one whole, and the next run makes good what is left.
"""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from store.backup.catalog_copy import CatalogCopy, copied, demand_same_history
from store.backup.folder import BackupFolder, CatalogFacts
from store.catalog import catalog as catalogs
from store.catalog import expected_files
from store.catalog.catalog import Catalog
from store.errors import BackupRefused, StoreDamaged
from store.files import durable
from store.files.copying import Copying, damage, is_whole, size_of
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.store import Store
from store.timestamps import Clock

# Files go while they are copied only when that takes longer than their hour of grace. Each round
# copies what the last one could not, so the rounds grow shorter.
ROUNDS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What the folder holds now, and what this run had to do for it."""

    sequence: int
    digest: str
    taken_at: str
    files: int
    bytes: int
    files_copied: int
    bytes_copied: int
    files_removed: int


class Backup:
    """Into one folder. Reads the store and changes nothing of it."""

    def __init__(self, layout: Layout, catalog: Catalog, clock: Clock, target: Path) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._folder = BackupFolder(target)
        self._copying = Copying(layout.root, target)
        # Files that this run has copied or hashed: sure, though no catalog there says so yet.
        self._sure: set[str] = set()
        self._bytes_copied = 0
        self._files_copied = 0

    @classmethod
    def of(cls, store: Store, target: Path) -> Self:
        """The backup of an opened store into a folder."""
        return cls(store.layout, store.catalog, store.clock, target)

    def run(self, *, is_verifying: bool = False) -> BackedUp:
        """Make the folder hold the store as it is now; trust no file there if verifying."""
        self._folder.demand_apart(self._layout.root)
        self._folder.make()
        with self._folder.alone():
            self._folder.sweep()
            if not self._folder.mark.exists():
                self._folder.announce()
            return self._rounds(is_verifying=is_verifying)

    def _rounds(self, *, is_verifying: bool) -> BackedUp:
        current = self._folder.current()
        trusted = None if is_verifying else current
        lacking: dict[str, str] = {}
        for _ in range(ROUNDS_MAX):
            with copied(self._catalog, self._folder.root, self._clock) as copy:
                self._demand_history(copy, current)
                _demand_vanished(copy, lacking)
                lacking = self._take_all(copy, trusted)
                if not lacking:
                    return self._show(copy, current)
        raise BackupRefused("files vanish faster than they can be copied; try again")

    def _demand_history(self, copy: CatalogCopy, current: CatalogFacts | None) -> None:
        """Where the catalog there is damaged, what was noted of it tells whose past it is."""
        for facts in [current] if current else self._folder.candidates()[-1:]:
            demand_same_history(copy, facts)

    def _take_all(self, copy: CatalogCopy, trusted: CatalogFacts | None) -> dict[str, str]:
        """Copy what is not there yet; what could not be copied, and why."""
        lacking = {}
        with ExitStack() as stack:
            earlier: Iterator[ExpectedFile] = iter(())
            if trusted is not None:
                frozen = stack.enter_context(closing(catalogs.open_frozen(self._folder.catalog)))
                earlier = expected_files.named(frozen)
            for wanted, is_vouched_for in _compared(expected_files.named(copy.catalog), earlier):
                if self._has(wanted, is_vouched_for=is_vouched_for):
                    continue
                try:
                    self._copying.take(wanted)
                except StoreDamaged as error:
                    lacking[wanted.path] = str(error)
                    continue
                self._sure.add(wanted.path)
                self._files_copied += 1
                self._bytes_copied += wanted.bytes
        return lacking

    def _has(self, wanted: ExpectedFile, *, is_vouched_for: bool) -> bool:
        """Whether the folder has this file; one that no earlier backup names is hashed."""
        if is_vouched_for or wanted.path in self._sure:
            return size_of(self._folder.root / wanted.path) == wanted.bytes
        if not is_whole(self._folder.root, wanted):
            return False
        self._sure.add(wanted.path)
        return True

    def _show(self, copy: CatalogCopy, current: CatalogFacts | None) -> BackedUp:
        sizes = [each.bytes for each in expected_files.named(copy.catalog)]
        self._folder.announce(copy.facts, *filter(None, [current]))
        durable.replace(copy.path, self._folder.catalog)
        with closing(catalogs.open_frozen(self._folder.catalog)) as shown:
            removed = expected_files.remove_unknown(self._folder.root, shown)
        return BackedUp(
            sequence=copy.facts.sequence,
            digest=copy.facts.digest,
            taken_at=copy.facts.taken_at,
            files=len(sizes),
            bytes=sum(sizes),
            files_copied=self._files_copied,
            bytes_copied=self._bytes_copied,
            files_removed=removed,
        )


def _demand_vanished(copy: CatalogCopy, lacking: dict[str, str]) -> None:
    """What could not be copied must be named no more; else the store itself is damaged."""
    with copy.catalog.read() as connection:
        damaged = [why for path, why in lacking.items() if expected_files.find(connection, path)]
    if damaged:
        raise damage(damaged)


def _compared(
    wanted: Iterator[ExpectedFile], earlier: Iterator[ExpectedFile]
) -> Iterator[tuple[ExpectedFile, bool]]:
    """Each wanted file, and whether an earlier backup has just this one. Both go by path."""
    known = next(earlier, None)
    for each in wanted:
        while known is not None and known.path < each.path:
            known = next(earlier, None)
        yield each, known == each
