"""The catalog of a store on PostgreSQL: that of its folder and of no other."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, text

from store.catalog import ledger, migration
from store.catalog.agreement import comparison
from store.catalog.agreement.agreement import Agreement
from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.catalog import Catalog
from store.catalog.databases import mark, postgresql_engine
from store.catalog.databases.sqlite_engine import frozen_engine
from store.catalog.databases.transfer import transfer
from store.catalog.migration import METADATA
from store.catalog.opening import closed_on_error, migrate_old
from store.catalog.tables import facts
from store.errors import StoreDamaged, StoreUnavailable
from store.files.layout import Layout
from store.ledger.entry import Entry

# The fact that says whose catalog this is, as the mark in the folder does.
STORE = "store"


def opened(layout: Layout, folder: FolderIdentity | None) -> Catalog:
    """The folder has its mark. A catalog without an entry becomes that of the folder.

    CatalogMissing for such a catalog beside files; StoreUnavailable for another store's.
    """
    identity = folder or FolderIdentity.of(layout)
    agreement = Agreement(layout, identity)
    catalog = Catalog(postgresql_engine.engine_on(layout, agreement.doubt), agreement=agreement)
    with closed_on_error(catalog):
        with catalog.read() as connection:
            is_there = _demand_ours(connection, layout)
            is_ours = is_there or _owner(connection) == mark.read(layout)
        comparison.demand_catalog(layout, is_there=is_there)
        migrate_old(catalog, layout.catalog_name)
        if not is_ours:
            catalog.change(lambda connection: _claim(connection, layout))
    return catalog


def opened_unwritable(layout: Layout) -> Catalog:
    """For a folder that this process cannot write."""
    held = contextlib.ExitStack()
    catalog = Catalog(postgresql_engine.read_only_engine(layout), held=held)
    with closed_on_error(catalog), catalog.read() as connection:
        if not _demand_ours(connection, layout) or migration.is_needed(
            connection, layout.catalog_name
        ):
            raise StoreUnavailable(
                f"{layout.catalog_name} is empty, or of an older version, and {layout.root} cannot be"
                " written here: start the service once"
            )
    return catalog


def demand_free(layout: Layout) -> None:
    """StoreUnavailable if the database has the entries of another store."""
    with _read(layout) as connection:
        _demand_ours(connection, layout)


def is_filled(layout: Layout) -> bool:
    """Whether the database has entries of this store."""
    if not layout.catalog_mark.exists():
        return False
    with _read(layout) as connection:
        return _demand_ours(connection, layout)


def fill(layout: Layout, draft: Path) -> None:
    """Replace every row by those of the SQLite file `draft`, in one transaction."""
    mark.read_or_make(layout)
    source = Catalog(frozen_engine(draft))
    target = Catalog(postgresql_engine.engine_on(layout, lambda: None))
    with contextlib.closing(source), contextlib.closing(target):
        with target.read() as connection:
            _demand_ours(connection, layout)
        migrate_old(target, layout.catalog_name)
        with source.read() as rows, target.write() as connection:
            names = ", ".join(table.name for table in METADATA.sorted_tables)
            connection.execute(text(f"TRUNCATE {names}"))
            transfer(rows, connection)
            _claim(connection, layout)


def known_entries(layout: Layout) -> Iterator[Entry]:
    """Every entry that the database has of this store, oldest first, up to the first damage."""
    if is_filled(layout):
        with contextlib.suppress(StoreDamaged), _read(layout) as connection:
            yield from ledger.between(connection, 0, ledger.sequence(connection) + 1)


def copy_out(layout: Layout, path: Path) -> bool:
    """Copy what the database has of this store into an empty SQLite file; False if that is nothing,
    or damaged.
    """
    if not is_filled(layout):
        return False
    catalog = Catalog(postgresql_engine.engine_on(layout, lambda: None))
    with contextlib.closing(catalog), contextlib.suppress(StoreDamaged):
        migrate_old(catalog, layout.catalog_name)
        catalog.copy_to(path)
        return True
    return False


@contextlib.contextmanager
def _read(layout: Layout) -> Iterator[Connection]:
    catalog = Catalog(postgresql_engine.read_only_engine(layout))
    with contextlib.closing(catalog), catalog.read() as connection:
        yield connection


def _claim(connection: Connection, layout: Layout) -> None:
    connection.execute(delete(facts).where(facts.c.name == STORE))
    connection.execute(insert(facts), {"name": STORE, "value": mark.read(layout)})


def _owner(connection: Connection) -> str | None:
    query = select(facts.c.value).where(facts.c.name == STORE)
    return connection.scalar(query) if migration.has_tables(connection) else None


def _demand_ours(connection: Connection, layout: Layout) -> bool:
    """Whether it has entries; StoreUnavailable if they are another store's."""
    if not migration.has_tables(connection) or not ledger.sequence(connection):
        return False
    mark.demand_owner(layout, _owner(connection))
    return True
