"""What a published `audit.duckdb` says of itself."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from store.files.layout import Layout


@dataclass(frozen=True, slots=True)
class Published:
    """The ledger entry up to which it shows the store, and the path at which it answers."""

    sequence: int
    path: Path


def published(layout: Layout) -> Published | None:
    """None if it cannot be read, or an earlier version wrote it."""
    try:
        with duckdb.connect(str(layout.audit), read_only=True) as audit:
            found = audit.execute("SELECT sequence, published_as FROM snapshot").fetchall()
        [(sequence, path)] = found
    except (duckdb.Error, ValueError):
        return None
    return Published(sequence, Path(path))


def expected_path(layout: Layout, root: Path | None) -> Path:
    """Where the file answers: as DuckDB tells a path, without links. `root` is from the options."""
    return (root or layout.root.resolve()) / layout.audit.name
