"""Searches all data files of a store for a person: Parquet files, raw bodies and quarantine.

Every row of every file is read. The catalog's index of users is not used: it does not know rows
that only mention the person, and an error in it must not hide a row.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import select

from store.catalog.catalog import Catalog
from store.catalog.counts import CatalogRow
from store.catalog.tables import batches, files
from store.erasure.body_search import SearchResult, search
from store.erasure.identifier import Identifier
from store.erasure.remnants import unused_texts
from store.erasure.remnants.unused_texts import NOTHING_LISTED, ListedTexts
from store.erasure.row_search import HeldBatches, RowMatches, RowSearch
from store.errors import StoreDamaged
from store.files import durable
from store.files.layout import Layout, is_unfinished
from store.parquet.file_reader import opened
from store.parquet.footer import NamedFile
from store.retention import holds
from store.retention.holds import Hold


@dataclass(frozen=True, slots=True)
class FileMatches:
    """A Parquet file that the catalog names; `found` is None if it cannot be read."""

    file: CatalogRow
    found: RowMatches | None
    listed: ListedTexts = NOTHING_LISTED

    @property
    def is_live(self) -> bool:
        return self.file["retired_sequence"] is None


@dataclass(frozen=True, slots=True)
class BodyMatch:
    """A body on disk that contains the person, or may, and the batches it belongs to.

    `holds` keep it: those of some of its rows, or every hold if none of its rows could be read.
    """

    path: str
    verdict: SearchResult
    batches: tuple[CatalogRow, ...] = ()
    holds: frozenset[str] = frozenset()

    @property
    def is_held(self) -> bool:
        return bool(self.holds)

    @property
    def is_found(self) -> bool:
        """Whether the name was found in it. What is damaged and does not show the name, stays."""
        return self.verdict is SearchResult.FOUND

    @property
    def is_new(self) -> bool:
        """Whether it is not loaded yet: it was received after the search began."""
        return any(batch["state"] == "entered" for batch in self.batches)


@dataclass(frozen=True, slots=True)
class PersonSearch:
    layout: Layout
    catalog: Catalog
    identifier: Identifier
    holds: Sequence[Hold]

    @classmethod
    def of(cls, layout: Layout, catalog: Catalog, identifier: Identifier) -> Self:
        """A search with the holds that are active now."""
        layout.require_store()
        with catalog.read() as connection:
            return cls(layout, catalog, identifier, holds.active(connection))

    @property
    def rows(self) -> RowSearch:
        return RowSearch(self.identifier, self.holds)

    def files(self) -> Iterator[FileMatches]:
        """Every file the catalog names, live ones first."""
        for file in self.named():
            path = self.layout.root / file["path"]
            if file["retired_sequence"] is None or path.exists():
                yield self._file(file)

    def named(self) -> Sequence[CatalogRow]:
        """The rows of the catalog about files, live ones first."""
        query = select(files).order_by(
            files.c.retired_sequence.is_not(None), files.c.dataset, files.c.day, files.c.path
        )
        with self.catalog.read() as connection:
            return connection.execute(query).mappings().all()

    def bodies(self, erased: frozenset[str], held: HeldBatches) -> Iterator[BodyMatch]:
        """Raw bodies that contain the person, or may.

        Those of batches in `erased` do, as their rows show; batches in `held` are under a hold.
        """
        for folder in (self.layout.raw, *_folders(self.layout.raw)):
            paths = files_in(folder)
            named = self._named(folder) if paths else {}
            for path in paths:
                owners = tuple(named.get(self.layout.relative(path), ()))
                ids = {batch["batch_id"] for batch in owners}
                verdict = SearchResult.FOUND if ids & erased else self._search(path, owners)
                if verdict is not SearchResult.NOT_FOUND:
                    is_unread = any(batch["state"] == "unread" for batch in owners)
                    keeping = self.holds if is_unread else ()
                    kept = {hold.id for hold in keeping}.union(*(held.get(id_, ()) for id_ in ids))
                    relative = self.layout.relative(path)
                    yield BodyMatch(relative, verdict, owners, frozenset(kept))

    def quarantined(self) -> Iterator[BodyMatch]:
        for path in files_in(self.layout.quarantine):
            verdict = self._search(path, ())
            if verdict is not SearchResult.NOT_FOUND:
                yield BodyMatch(self.layout.relative(path), verdict)

    def _file(self, file: CatalogRow) -> FileMatches:
        try:
            named = NamedFile.of(self.layout.root, file)
            with opened(named) as finished:
                found = self.rows.rows(finished, file["dataset"])
            return FileMatches(file, found, unused_texts.search(named.path, self.identifier))
        except StoreDamaged:
            return FileMatches(file, None)

    def _search(self, path: Path, owners: Sequence[CatalogRow]) -> SearchResult:
        was_read = any(batch["state"] == "loaded" for batch in owners)
        try:
            return search(path, self.identifier, was_read=was_read)
        except FileNotFoundError:
            return SearchResult.NOT_FOUND

    def _named(self, folder: Path) -> dict[str, list[CatalogRow]]:
        """The batches of each raw path in this folder; "0" sorts after "/", so an index is used."""
        prefix = self.layout.relative(folder)
        within = batches.c.raw_path.between(f"{prefix}/", f"{prefix}0")
        found: dict[str, list[CatalogRow]] = defaultdict(list)
        with self.catalog.read() as connection:
            for batch in connection.execute(select(batches).where(within)).mappings():
                found[batch["raw_path"]].append(batch)
        return found


def _folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.is_symlink())


def files_in(folder: Path) -> list[Path]:
    """Its files, except drafts that are being written; none if the folder does not exist."""
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in found if not is_being_written(path)]


def is_being_written(path: Path) -> bool:
    """Whether it is a draft that a live process has locked."""
    if not is_unfinished(path):
        return False
    try:
        with path.open("rb") as draft:
            return not durable.try_lock(draft.fileno())
    except FileNotFoundError:
        return True
