"""The live files of the store at one moment, as a value for questions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from store.registers.application_version import ApplicationVersion
from store.registers.verdicts import NO_KNOWN_HOURS, KnownHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files at one ledger sequence; they never change while a reader uses them.

    `files` maps the name of a dataset (or `rejected`) to the absolute paths of its Parquet files.
    `taken_at` is UTC without a zone. A pending batch is on disk and in the ledger, but its rows are
    not in `files` yet. `columns` holds the fingerprints of files that have one. `applications` are
    all versions of all Access applications. `coverage` says how complete the scope's dataset is,
    and is empty for a snapshot without a scope.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float
    columns: Mapping[Path, str] = field(default_factory=dict)
    applications: tuple[ApplicationVersion, ...] = ()
    coverage: KnownHours = NO_KNOWN_HOURS

    def alike(self, dataset: str) -> list[tuple[str | None, tuple[Path, ...]]]:
        """A dataset's files by the fingerprint of their columns.

        Files without a fingerprint come first; their columns may differ.
        """
        groups: dict[str | None, list[Path]] = {}
        for path in self.files.get(dataset, ()):
            groups.setdefault(self.columns.get(path), []).append(path)
        ordered = sorted(groups.items(), key=lambda group: group[0] or "")
        return [(columns, tuple(paths)) for columns, paths in ordered]
