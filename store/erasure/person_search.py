"""Looks for a person wherever a store keeps what was sent: in files of rows, raw, in quarantine.

The list of whose rows are in which file is no shortcut here: other people's rows that mention the
person are told as well, so every row is looked at, and no list that is wrong can hide one.
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
from store.erasure.body_search import Verdict, search
from store.erasure.identifier import Identifier
from store.erasure.part_search import PartSearch, RowsFound
from store.errors import StoreDamaged
from store.files import durable
from store.files.layout import DRAFT_PREFIX, Layout
from store.parquet.file_reader import opened
from store.retention import holds
from store.retention.holds import Hold


@dataclass(frozen=True, slots=True)
class FileFound:
    """A file of rows that the catalog names; `found` is None where it cannot be read any more."""

    file: CatalogRow
    found: RowsFound | None

    @property
    def is_live(self) -> bool:
        return self.file["retired_sequence"] is None


@dataclass(frozen=True, slots=True)
class BodyFound:
    """A body on disk that holds the person, or may; and the batches that it is the raw bytes of.

    `is_held`: some of its rows are under a hold, or nobody could read it while there is any.
    """

    path: str
    verdict: Verdict
    batches: tuple[CatalogRow, ...] = ()
    is_held: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it is the loader's to read yet: it came after whoever looks began."""
        return any(batch["state"] == "entered" for batch in self.batches)


@dataclass(frozen=True, slots=True)
class PersonSearch:
    layout: Layout
    catalog: Catalog
    identifier: Identifier
    holds: Sequence[Hold]

    @classmethod
    def of(cls, layout: Layout, catalog: Catalog, identifier: Identifier) -> Self:
        """Under the holds that are active now."""
        layout.demand()
        with catalog.read() as connection:
            return cls(layout, catalog, identifier, holds.active(connection))

    @property
    def rows(self) -> PartSearch:
        return PartSearch(self.identifier, self.holds)

    def files(self) -> Iterator[FileFound]:
        """Every file the catalog names, live ones first; StoreDamaged when a live one is gone."""
        query = select(files).order_by(
            files.c.retired_sequence.is_not(None), files.c.dataset, files.c.day, files.c.path
        )
        with self.catalog.read() as connection:
            named = connection.execute(query).mappings().all()
        for file in named:
            path = self.layout.root / file["path"]
            if file["retired_sequence"] is None or path.exists():
                yield self._file(file)

    def bodies(self, going: frozenset[str], held: frozenset[str]) -> Iterator[BodyFound]:
        """Raw bodies that hold the person, or may. Those of batches in `going` do, by their rows;
        those in `held` are under a hold.
        """
        for folder in (self.layout.raw, *_folders(self.layout.raw)):
            paths = files_in(folder)
            named = self._named(folder) if paths else {}
            for path in paths:
                owners = tuple(named.get(self.layout.relative(path), ()))
                ids = {batch["batch_id"] for batch in owners}
                verdict = Verdict.HOLDS if ids & going else self._search(path, owners)
                if verdict is not Verdict.IS_FREE:
                    is_unread = any(batch["state"] == "unread" for batch in owners)
                    is_held = bool(ids & held) or (is_unread and bool(self.holds))
                    yield BodyFound(self.layout.relative(path), verdict, owners, is_held)

    def quarantined(self) -> Iterator[BodyFound]:
        for path in files_in(self.layout.quarantine):
            verdict = self._search(path, ())
            if verdict is not Verdict.IS_FREE:
                yield BodyFound(self.layout.relative(path), verdict)

    def _file(self, file: CatalogRow) -> FileFound:
        try:
            with opened(self.layout.root / file["path"], file["sha256"]) as parquet:
                return FileFound(file, self.rows.rows(parquet, file["dataset"]))
        except StoreDamaged:
            if file["retired_sequence"] is None:
                raise
            return FileFound(file, None)

    def _search(self, path: Path, owners: Sequence[CatalogRow]) -> Verdict:
        was_read = any(batch["state"] == "loaded" for batch in owners)
        try:
            return search(path, self.identifier, was_read=was_read)
        except FileNotFoundError:
            return Verdict.IS_FREE

    def _named(self, folder: Path) -> dict[str, list[CatalogRow]]:
        """The batches by their raw paths in this folder; "0" follows "/", so the index serves."""
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
    """Its files, but for drafts that somebody is still writing; none where it is not there."""
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if path.is_file())
    return [path for path in found if not _is_written(path)]


def _is_written(path: Path) -> bool:
    if not path.name.startswith(DRAFT_PREFIX):
        return False
    try:
        with path.open("rb") as draft:
            return not durable.try_lock(draft.fileno())
    except FileNotFoundError:
        return True
