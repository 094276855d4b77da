"""Backs up a running store into a folder, as a consistent copy of one moment.

The order of the steps keeps the backup valid: new files are copied first, then the new copy of the
catalog replaces the earlier one, then files it no longer names are deleted. If the process dies,
the folder has either the earlier or the new backup, complete, and the next run cleans up.
"""

from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from store.backup import erasure_list, places
from store.backup.catalog_copy import CatalogCopy, copy_catalog, demand_same_history
from store.backup.folder import BackupFolder, CatalogFacts
from store.catalog import expected_files, ledger
from store.catalog import opening as catalogs
from store.catalog.catalog import Catalog
from store.errors import BackupRefused, StoreDamaged
from store.files import durable
from store.files.copying import Copying, is_whole, size_of
from store.files.expected_file import ExpectedFile
from store.files.layout import Layout
from store.store import Store
from store.timestamps import Clock

# A file vanishes before it is copied only if its grace period of an hour ends meanwhile. Each round
# copies what the last one could not, so rounds become shorter.
ROUNDS_MAX = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupResult:
    """What the backup has now, and what this run changed."""

    sequence: int
    digest: str
    taken_at: str
    files: int
    bytes: int
    files_copied: int
    bytes_copied: int
    files_removed: int
    # Why each file that the store has lost could not be copied.
    left_out: tuple[str, ...]


class Backup:
    """Backs up into one folder, and notes in the catalog where that is."""

    def __init__(self, layout: Layout, catalog: Catalog, clock: Clock, target: Path) -> None:
        self._layout = layout
        self._catalog = catalog
        self._clock = clock
        self._folder = BackupFolder(target)
        self._copying = Copying(layout.root, target)
        # Files that this run has copied or hashed.
        self._verified: set[str] = set()
        self._bytes_copied = 0
        self._files_copied = 0

    @classmethod
    def of(cls, store: Store, target: Path) -> Self:
        """A backup of an opened store into a folder."""
        return cls(store.layout, store.catalog, store.clock, target)

    def run(self, *, is_verifying: bool = False) -> BackupResult:
        """Make or update the backup; `is_verifying` hashes all files that it has already."""
        self._folder.demand_apart(self._layout.root)
        # An old catalog would take from the backup what it does not know.
        self._catalog.demand_agreement()
        self._folder.make()
        with self._folder.locked():
            self._folder.remove_drafts()
            if not self._folder.manifest.exists():
                self._folder.write_manifest()
            return self._rounds(is_verifying=is_verifying)

    def _rounds(self, *, is_verifying: bool) -> BackupResult:
        current = self._folder.current()
        trusted = None if is_verifying else current
        missing: dict[str, str] = {}
        for _ in range(ROUNDS_MAX):
            with copy_catalog(self._catalog, self._folder.root, self._clock) as copy:
                self._demand_history(copy, current)
                lost = _still_named(copy, missing)
                missing = self._copy_files(copy, trusted, lost)
                if not missing and not self._erased_since(copy):
                    return self._commit(copy, current, lost)
        raise BackupRefused("files are deleted faster than they are copied; try again")

    def _erased_since(self, copy: CatalogCopy) -> bool:
        """Whether somebody was erased since the catalog was copied; then it is copied again."""
        with self._catalog.read() as connection:
            kinds, after = ("erased",), copy.facts.sequence
            return any(ledger.of_kinds(connection, kinds, after))

    def _demand_history(self, copy: CatalogCopy, current: CatalogFacts | None) -> None:
        """If the backup's catalog is damaged, the manifest still tells which store it is of."""
        for facts in [current] if current else self._folder.catalogs()[-1:]:
            demand_same_history(copy, facts)

    def _copy_files(
        self, copy: CatalogCopy, trusted: CatalogFacts | None, lost: Container[str]
    ) -> dict[str, str]:
        """Copy new files but the lost ones; returns those that could not be copied, and why."""
        missing = {}
        with ExitStack() as stack:
            earlier: Iterator[ExpectedFile] = iter(())
            if trusted is not None:
                frozen = stack.enter_context(closing(catalogs.open_frozen(self._folder.catalog)))
                earlier = expected_files.all_expected(frozen)
            for wanted, is_known in _compared(expected_files.all_expected(copy.catalog), earlier):
                if wanted.path in lost or self._has(wanted, is_known=is_known):
                    continue
                try:
                    self._copying.take(wanted)
                except StoreDamaged as error:
                    missing[wanted.path] = str(error)
                    continue
                self._verified.add(wanted.path)
                self._files_copied += 1
                self._bytes_copied += wanted.bytes
        return missing

    def _has(self, wanted: ExpectedFile, *, is_known: bool) -> bool:
        """Whether the backup has this file; it is hashed unless the earlier backup named it."""
        if is_known or wanted.path in self._verified:
            return size_of(self._folder.root / wanted.path) == wanted.bytes
        if not is_whole(self._folder.root, wanted):
            return False
        self._verified.add(wanted.path)
        return True

    def _commit(
        self, copy: CatalogCopy, current: CatalogFacts | None, lost: Mapping[str, str]
    ) -> BackupResult:
        expected = expected_files.all_expected(copy.catalog)
        sizes = [each.bytes for each in expected if each.path not in lost]
        facts = replace(copy.facts, left_out=tuple(sorted(lost)))
        erasure_list.write(self._folder.root, erasure_list.of_store(self._catalog))
        self._folder.write_manifest(facts, *filter(None, [current]))
        durable.replace(copy.path, self._folder.catalog)
        with closing(catalogs.open_frozen(self._folder.catalog)) as shown:
            removed = expected_files.remove_unknown(self._folder.root, shown)
        places.note(self._catalog, self._folder, facts)
        return BackupResult(
            sequence=copy.facts.sequence,
            digest=copy.facts.digest,
            taken_at=copy.facts.taken_at,
            files=len(sizes),
            bytes=sum(sizes),
            files_copied=self._files_copied,
            bytes_copied=self._bytes_copied,
            files_removed=removed,
            left_out=tuple(lost[path] for path in sorted(lost)),
        )


def _still_named(copy: CatalogCopy, missing: Mapping[str, str]) -> dict[str, str]:
    """The files that could not be copied before and are still named: the store has lost them."""
    with copy.catalog.read() as connection:
        return {path: why for path, why in missing.items() if expected_files.find(connection, path)}


def _compared(
    wanted: Iterator[ExpectedFile], earlier: Iterator[ExpectedFile]
) -> Iterator[tuple[ExpectedFile, bool]]:
    """Each wanted file, and whether the earlier backup names the same; both are sorted by path."""
    known = next(earlier, None)
    for each in wanted:
        while known is not None and known.path < each.path:
            known = next(earlier, None)
        yield each, known == each
