"""One moment of the store, for whoever asks questions of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The live files as one ledger sequence saw them; it never changes under a reader.

    `files` maps a dataset's name (and `rejected`) to absolute paths of its Parquet parts.
    `taken_at` is UTC without a zone. A batch that is pending is safe on disk and named by
    the ledger, but its rows are not in `files` yet.
    """

    sequence: int
    taken_at: datetime
    files: Mapping[str, tuple[Path, ...]]
    pending_batches: int
    lag_seconds: float
