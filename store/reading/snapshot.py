"""One moment of the store, as a value: what a question is asked of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from store.registers.application_version import Held
from store.registers.verdicts import NOTHING_KNOWN, Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files as one ledger sequence saw them; it never changes under a reader.

    `files` maps a dataset's name (and `rejected`) to absolute paths of its Parquet parts.
    `taken_at` is UTC without a zone. A batch that is pending is safe on disk and named by
    the ledger, but its rows are not in `files` yet. `columns` holds the fingerprint of each
    part that has one. `applications` are all versions of all Access applications that were told.
    `coverage` is what is known of how complete the scope's dataset is, and empty where the
    snapshot was taken of no scope.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float
    columns: Mapping[Path, str] = field(default_factory=dict)
    applications: tuple[Held, ...] = ()
    coverage: Known = NOTHING_KNOWN

    def alike(self, dataset: str) -> list[tuple[str | None, tuple[Path, ...]]]:
        """A dataset's parts by the fingerprint of their columns.

        Those without one come first: whether they are alike, nobody has noted.
        """
        groups: dict[str | None, list[Path]] = {}
        for path in self.files.get(dataset, ()):
            groups.setdefault(self.columns.get(path), []).append(path)
        ordered = sorted(groups.items(), key=lambda group: group[0] or "")
        return [(columns, tuple(paths)) for columns, paths in ordered]
