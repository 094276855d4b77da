"""What a published table is made of: the live files of some datasets, and what the catalog knows of
the users and times in them. No file is opened.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, exists, select

from store.catalog import ledger, manifest
from store.catalog.catalog import Catalog
from store.catalog.tables import entries, files
from store.parquet.footer import OLDEST_FORMAT

# Entries after which nothing may tell of what their rows were: an erasure, and retention.
REMOVALS = ("erased", "retired")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFile:
    """A live file; `path` is relative to the data folder. Without a user or a time, no row has one."""

    path: str
    sha256: str
    bytes: int
    rows: int
    time_min: str | None
    time_max: str | None
    user_min: str | None
    user_max: str | None
    added_sequence: int
    format: int

    @classmethod
    def of(cls, row: Mapping[Any, Any]) -> Self:
        facts = {name: row[name] for name in cls.__slots__}
        return cls(**{**facts, "format": row["format"] or OLDEST_FORMAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFiles:
    """The live files of each dataset at one ledger entry, damaged ones too. `change` differs where
    other files are live.
    """

    sequence: int
    digest: str
    change: tuple[int, int]
    of_datasets: Mapping[str, tuple[TableFile, ...]]


def read(catalog: Catalog, datasets: Collection[str]) -> TableFiles:
    """In the order in which they were added."""
    query = (
        select(files)
        .where(files.c.retired_sequence.is_(None), files.c.dataset.in_(datasets))
        .order_by(files.c.added_sequence, files.c.path)
    )
    found: dict[str, list[TableFile]] = {dataset: [] for dataset in datasets}
    with catalog.read() as connection:
        end = ledger.end(connection)
        change = _change(connection)
        for row in connection.execute(query).mappings():
            found[row["dataset"]].append(TableFile.of(row))
    return TableFiles(
        sequence=end.sequence,
        digest=end.digest,
        change=change,
        of_datasets={dataset: tuple(each) for dataset, each in found.items()},
    )


def newest_change(catalog: Catalog) -> tuple[int, int]:
    with catalog.read() as connection:
        return _change(connection)


def has_removed_since(catalog: Catalog, sequence: int) -> bool:
    """Whether an erasure or retention removed rows after this ledger entry."""
    later = exists().where(entries.c.sequence > sequence, entries.c.kind.in_(REMOVALS))
    with catalog.read() as connection:
        return bool(connection.scalar(select(later)))


def has_entry(catalog: Catalog, sequence: int, digest: str) -> bool:
    """Whether the ledger has this entry; a catalog made without the old ledger has others."""
    known = exists().where(entries.c.sequence == sequence, entries.c.digest == digest)
    with catalog.read() as connection:
        return bool(connection.scalar(select(known)))


def _change(connection: Connection) -> tuple[int, int]:
    newest = manifest.newest_change(connection)
    return newest.sequence, newest.files
