"""The live files of the store at one moment, as a value for questions."""

import os
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from store.catalog.scope import Scope
from store.database import Database
from store.files import trouble
from store.files.layout import Layout
from store.parquet.footer_check import MAGIC
from store.reading.live_part import DamagedPart, LivePart
from store.registers.application_version import ApplicationVersion
from store.registers.scrub_round import ScrubRound
from store.registers.verdicts import NO_KNOWN_HOURS, KnownHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files at one ledger sequence; they never change while a reader uses them.

    `files` maps the name of a dataset (or `rejected`) to the absolute paths of its Parquet files.
    `taken_at` is UTC without a zone. A pending batch is on disk and in the ledger, but its rows are
    not in `files` yet. `parts` says what the catalog says of each file. Files that cannot be read are
    not in `files` but in `damaged`, or in `left_out` if the answer does without them. `columns` holds the fingerprints of files that have one. `applications` are
    all versions of all Access applications. `coverage` says how complete the scope's dataset is,
    and `received` from when until when its records are, of everybody; both are empty for a snapshot
    without a scope. `scrub` is the last complete round that read every
    file against its hash. `recovered` are the ids of batches that recovery entered.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float
    parts: Mapping[Path, LivePart] = field(default_factory=dict)
    damaged: tuple[DamagedPart, ...] = ()
    left_out: tuple[DamagedPart, ...] = ()
    columns: Mapping[Path, str] = field(default_factory=dict)
    applications: tuple[ApplicationVersion, ...] = ()
    coverage: KnownHours = NO_KNOWN_HOURS
    received: tuple[tuple[datetime, datetime], ...] = ()
    scrub: ScrubRound | None = None
    recovered: frozenset[str] = frozenset()
    # Of the newest entry of the ledger.
    digest: str = ""
    # The data folder.
    root: Path | None = None
    # Where its catalog is, unless that is a file in it.
    database: Database | None = None
    # What the files may hold rows of; None if they are all live files.
    scope: Scope | None = None

    @property
    def layout(self) -> Layout | None:
        """Of the store; None without one."""
        return Layout(self.root, self.database) if self.root is not None else None

    @property
    def every_part(self) -> tuple[LivePart, ...]:
        """Also of files that cannot be read."""
        lost = (each.part for each in (*self.damaged, *self.left_out))
        return (*self.parts.values(), *lost)

    @property
    def counted(self) -> frozenset[int]:
        """The numbers under which facts of its files are kept."""
        return frozenset(part.facts for part in self.every_part if part.facts)

    def without_facts(self, numbers: Container[int]) -> Self:
        """The snapshot where nothing is kept under these numbers, so that the files are read."""

        def changed(part: LivePart) -> LivePart:
            return replace(part, facts=None) if part.facts in numbers else part

        return replace(
            self,
            parts={path: changed(part) for path, part in self.parts.items()},
            damaged=tuple(replace(each, part=changed(each.part)) for each in self.damaged),
            left_out=tuple(replace(each, part=changed(each.part)) for each in self.left_out),
        )

    def alike(self, dataset: str) -> list[tuple[str | None, tuple[Path, ...]]]:
        """A dataset's files by the fingerprint of their columns.

        Files without a fingerprint come first; their columns may differ.
        """
        groups: dict[str | None, list[Path]] = {}
        for path in self.files.get(dataset, ()):
            groups.setdefault(self.columns.get(path), []).append(path)
        ordered = sorted(groups.items(), key=lambda group: group[0] or "")
        return [(columns, tuple(paths)) for columns, paths in ordered]

    def without_damaged(self) -> Self:
        """The same files, for an answer that leaves damaged ones out and says so."""
        return replace(self, damaged=(), left_out=(*self.left_out, *self.damaged))

    def examined(self, path: Path) -> Self:
        """The snapshot after one file could not be read; itself if the file is whole."""
        part = self.parts.get(path)
        if part is None:
            return self
        root = path.parents[len(Path(part.file.path).parts) - 1]
        found = trouble.trouble_of(root, part.file)
        return self if found is None else self.with_damaged({path: found})

    def glanced(self) -> Self:
        """The snapshot after the end of every file was read; itself if each ends as Parquet does."""
        found = {path: why for path in self.parts if (why := _trouble_of_end(path)) is not None}
        return self.with_damaged(found) if found else self

    def with_damaged(self, found: Mapping[Path, trouble.Trouble]) -> Self:
        """The snapshot with these files among its damaged ones; questions that need them fail."""
        lost = [DamagedPart(self.parts[path], why) for path, why in found.items()]
        files = {
            dataset: tuple(path for path in paths if path not in found)
            for dataset, paths in self.files.items()
        }
        return replace(
            self,
            files={dataset: paths for dataset, paths in files.items() if paths},
            damaged=(*self.damaged, *lost),
        )


def _trouble_of_end(path: Path) -> trouble.Trouble | None:
    try:
        with path.open("rb") as file:
            file.seek(-len(MAGIC), os.SEEK_END)
            return None if file.read() == MAGIC else trouble.CHANGED
    except OSError as error:
        return trouble.Trouble.of(error)
