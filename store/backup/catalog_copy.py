"""Copies the catalog for a backup, without files that are retired."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, select

from store import timestamps
from store.backup.folder import CatalogFacts
from store.catalog import ledger
from store.catalog import opening as catalogs
from store.catalog.catalog import Catalog
from store.catalog.chain import breaks
from store.catalog.tables import entries, files, removals
from store.catalog.users import user_days
from store.catalog.users.tables import people
from store.errors import BackupRefused
from store.files import durable
from store.files.copying import damage, sha256_of
from store.files.layout import draft_path
from store.ledger.entry import GENESIS
from store.timestamps import Clock


@dataclass(frozen=True, slots=True)
class CatalogCopy:
    """`path` is a draft; `catalog` is opened read-only on it."""

    path: Path
    catalog: Catalog
    facts: CatalogFacts


@contextmanager
def copy_catalog(catalog: Catalog, folder: Path, clock: Clock) -> Iterator[CatalogCopy]:
    """A copy as a draft in `folder`, deleted when the block ends unless it was renamed.

    StoreDamaged if the ledger's chain is broken: such a copy must not replace an earlier backup.
    """
    draft = draft_path(folder, "catalog")
    durable.close(durable.create_locked(draft))
    try:
        taken_at = timestamps.to_text(clock())
        catalog.copy_to(draft)
        sequence, digest = _prepare(draft)
        sha256 = sha256_of(folder, draft.name)
        facts = CatalogFacts(sha256=sha256, sequence=sequence, digest=digest, taken_at=taken_at)
        with closing(catalogs.open_frozen(draft)) as frozen:
            yield CatalogCopy(draft, frozen, facts)
    finally:
        for leftover in folder.glob(f"{draft.name}*"):
            durable.remove(leftover, synced=False)


def demand_same_history(copy: CatalogCopy, earlier: CatalogFacts) -> None:
    """BackupRefused unless the earlier backup is of this store: its ledger must be a prefix."""
    if earlier.sequence == 0:
        return
    query = select(entries.c.digest).where(entries.c.sequence == earlier.sequence)
    with copy.catalog.read() as connection:
        digest = connection.scalars(query).one_or_none()
    if digest != earlier.digest:
        raise BackupRefused(
            f"the folder has a backup of another store, or of this one before a restore:"
            f" its ledger entry {earlier.sequence} is not in this store; use another folder"
        )


def demand_whole_chain(connection: Connection) -> None:
    broken = [f"entry {each.sequence}: {each.reason}" for each in breaks(connection)]
    if broken:
        raise damage(broken)


def _prepare(draft: Path) -> tuple[int, str]:
    """Delete retired files and their users from the copy; returns its newest ledger entry."""
    with closing(catalogs.open_draft(draft)) as opened:
        with opened.write() as connection:
            retired = files.c.retired_sequence.is_not(None)
            numbers = select(files.c.number).where(retired, files.c.number.is_not(None))
            connection.execute(delete(people).where(people.c.file.in_(numbers)))
            gone = connection.execute(select(files).where(retired)).mappings()
            user_days.remove(connection, user_days.numbers(gone))
            connection.execute(delete(files).where(retired))
            connection.execute(delete(removals))
        with opened.read() as connection:
            demand_whole_chain(connection)
            newest = ledger.newest(connection)
    return (newest.sequence, newest.digest) if newest else (0, GENESIS)
