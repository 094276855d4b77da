"""Opens and creates catalogs: that of a store, in its folder or on PostgreSQL, and copies of one."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from store.catalog import ledger, migration, read_only
from store.catalog.agreement import comparison
from store.catalog.agreement.agreement import Agreement
from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.catalog import Catalog
from store.catalog.databases import mark
from store.catalog.databases.sqlite_engine import (
    DRAFT,
    ENTERING,
    PRAGMAS,
    engine_on,
    frozen_engine,
    read_only_engine,
)
from store.files import durable
from store.files.layout import Layout


def create(layout: Layout) -> Catalog:
    """Open the catalog of a store; create it if it is missing."""
    mark.demand_free(layout)
    is_new = not layout.catalog_file.exists()
    if layout.database is not None:
        mark.read_or_make(layout)
    catalog = _of_store(layout)
    if is_new:
        durable.sync_folder(layout.root)
    return catalog


def open_existing(layout: Layout, folder: FolderIdentity | None = None) -> Catalog:
    """Open a catalog that must exist, in `folder`; never a new store in a wrong folder."""
    read_only.demand(layout)
    if read_only.is_writable(layout):
        catalog = _of_store(layout, folder)
    else:
        catalog = _open_unwritable(layout)

    def newest() -> int:
        with catalog.read() as connection:
            return ledger.sequence(connection)

    with closed_on_error(catalog):
        read_only.demand_current(layout, newest(), newest)
    return catalog


@contextlib.contextmanager
def migrated(layout: Layout) -> Iterator[Layout]:
    """A store whose catalog has everything of this version: the same, or a temporary copy of one that
    cannot be written.
    """
    if layout.database is not None or read_only.is_writable(layout):
        _of_store(layout).close()
        yield layout
        return
    with read_only.copied(layout.catalog) as copy:
        migrate_old(Catalog(engine_on(copy, PRAGMAS)), str(copy)).close()
        yield Layout(copy.parent)


def open_draft(path: Path) -> Catalog:
    """Open a copy that no other process uses yet. Writes are not synced: the caller syncs the file
    when it gives it its final name.
    """
    return migrate_old(Catalog(engine_on(path, DRAFT)), str(path.parent))


def open_frozen(path: Path) -> Catalog:
    """Open a catalog that no process writes to, such as a backup's, even on a read-only disk."""
    catalog = Catalog(frozen_engine(path))
    with closed_on_error(catalog), catalog.read() as connection:
        migration.require_known_format(connection, str(path.parent))
    return catalog


def exists(layout: Layout) -> bool:
    """Whether the store has a catalog already."""
    if layout.database is None:
        return layout.catalog.exists()
    from store.catalog.databases import postgresql_store  # noqa: PLC0415 (late, as below)

    return postgresql_store.is_filled(layout)


def demand_free(layout: Layout) -> None:
    """StoreUnavailable if the database has the entries of another store."""
    if layout.database is not None:
        from store.catalog.databases import postgresql_store  # noqa: PLC0415 (late, as below)

        postgresql_store.demand_free(layout)


def put_in_place(layout: Layout, draft: Path) -> bool:
    """Make a synced SQLite file the catalog of a store that has none; False if it has one."""
    if layout.database is None:
        return durable.link(draft, layout.catalog)
    from store.catalog.databases import postgresql_store  # noqa: PLC0415 (late, as below)

    postgresql_store.fill(layout, draft)
    return True


def _of_store(layout: Layout, folder: FolderIdentity | None = None) -> Catalog:
    """Open the catalog of a store, whose entries `ledger/` has too."""
    if layout.database is not None:
        # Late: a store with its catalog inside needs no driver of PostgreSQL.
        from store.catalog.databases import postgresql_store  # noqa: PLC0415

        return postgresql_store.opened(layout, folder)
    path = layout.catalog
    comparison.demand_catalog(layout, is_there=path.exists() and path.stat().st_size > 0)
    if not path.exists():
        durable.touch(path)
    folder = folder or FolderIdentity.of(layout)
    agreement = Agreement(layout, folder)
    engine, entering = (engine_on(path, pragmas, folder) for pragmas in (PRAGMAS, ENTERING))
    with agreement.told_damage():
        return migrate_old(Catalog(engine, entering, agreement), str(layout.root))


def _open_unwritable(layout: Layout) -> Catalog:
    """Open for reading only, with a copy where an older version wrote the catalog."""
    if layout.database is not None:
        from store.catalog.databases import postgresql_store  # noqa: PLC0415 (late, as above)

        return postgresql_store.opened_unwritable(layout)
    path = layout.catalog
    with contextlib.ExitStack() as stack:
        held = stack.enter_context(contextlib.ExitStack())
        catalog = _read(held.enter_context(read_only.readable(path)), held)
        with catalog.read() as connection:
            is_old = migration.is_needed(connection, str(layout.root))
        if is_old:
            copy = held.enter_context(migrated(layout))
            catalog = _read(held.enter_context(read_only.readable(copy.catalog)), held)
        # From here on the catalog closes what it holds.
        stack.pop_all()
    return catalog


def _read(uri: str, held: contextlib.ExitStack) -> Catalog:
    engine = read_only_engine(uri)
    held.callback(engine.dispose)
    return Catalog(engine, held=held)


def migrate_old(catalog: Catalog, place: str) -> Catalog:
    """Migrate if needed; refuse a format of a newer version. Takes no lock if nothing is missing."""
    with closed_on_error(catalog):
        with catalog.read() as connection:
            is_old = migration.is_needed(connection, place)
        if is_old:
            catalog.migrate()
    return catalog


@contextlib.contextmanager
def closed_on_error(catalog: Catalog) -> Iterator[None]:
    try:
        yield
    except BaseException:
        catalog.close()
        raise
