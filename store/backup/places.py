"""Where the backups of a store lie, as far as the store made them itself.

The catalog has their paths, and the ledger does not. So an erasure can tell each backup that can be
reached that its catalog is older than the erasure.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from schema.errors import RaytrailError
from store.backup import erasure_list
from store.backup.erasure_list import KnownErasure
from store.backup.folder import BackupFolder, CatalogFacts
from store.catalog.catalog import Catalog
from store.catalog.register_tables import backups
from store.errors import NoRoom, StoreBusy, StoreUnavailable

# A backup to a new folder each day for two years.
PLACES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class BackupPlace:
    """A folder that a backup went to. `is_told`: it has the list of erasures now."""

    path: str
    taken_at: str
    is_told: bool


def note(catalog: Catalog, folder: BackupFolder, facts: CatalogFacts) -> None:
    """Note the place of a backup. One of a store that cannot be written is not noted."""
    row = {"path": str(folder.root.absolute()), "taken_at": facts.taken_at}
    with (
        contextlib.suppress(NoRoom, StoreBusy, StoreUnavailable),
        catalog.write() as connection,
    ):
        connection.execute(delete(backups).where(backups.c.path == row["path"]))
        connection.execute(insert(backups), row)


def tell(catalog: Catalog, known: Iterable[KnownErasure]) -> tuple[BackupPlace, ...]:
    """Write the list of erasures into every backup that can be reached."""
    erasures = tuple(known)
    with catalog.read() as connection:
        places = _places(connection)
    return tuple(
        BackupPlace(path, taken_at, _is_told(Path(path), erasures)) for path, taken_at in places
    )


def _places(connection: Connection) -> list[tuple[str, str]]:
    query = select(backups.c.path, backups.c.taken_at).order_by(backups.c.taken_at.desc())
    return [(row.path, row.taken_at) for row in connection.execute(query.limit(PLACES_MAX))]


def _is_told(folder: Path, erasures: tuple[KnownErasure, ...]) -> bool:
    try:
        if not BackupFolder(folder).manifest.is_file():
            return False
        erasure_list.write(folder, erasures)
    except (OSError, RaytrailError):
        return False
    return True
