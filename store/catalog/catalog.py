"""Opens the catalog, and gives it read and write transactions.

SQLite in WAL mode with synchronous=FULL: a commit is on disk before it returns. A write
transaction takes the lock when it begins, so what it reads stays true until it commits.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine

from store.backoff import Backoff
from store.catalog import ledger, migration, read_only
from store.catalog.agreement import comparison
from store.catalog.agreement.agreement import Agreement
from store.catalog.agreement.folder_identity import ANY_FOLDER, FolderIdentity
from store.catalog.agreement.placement import place
from store.catalog.sql.engine import (
    ENTERING,
    PRAGMAS,
    WRITING,
    copy,
    engine_on,
    frozen_engine,
    operator_errors,
    read_only_engine,
    rewrite,
)
from store.errors import NoRoom, StoreBusy, StoreUnavailable
from store.files import durable
from store.files.layout import Layout


class Catalog:
    """One process's connections to the catalog. The process that opened it closes it."""

    def __init__(
        self,
        engine: Engine,
        entering: Engine | None = None,
        agreement: Agreement | None = None,
        held: contextlib.ExitStack | None = None,
    ) -> None:
        """`held` is what a catalog needs that can only be read; None for one that can be written."""
        self._engine = engine
        self._held = held
        self._writing = engine.execution_options(begin=WRITING)
        # `entering` does not sync, and `agreement` is None for a copy: `ledger/` follows the
        # store's own catalog only.
        self._entering = (entering or engine).execution_options(begin=WRITING)
        self._agreement = agreement
        self.folder = agreement.folder if agreement else ANY_FOLDER

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view: commits of other processes do not show inside the block."""
        with operator_errors(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """The only writer until the block ends. Committed and synced unless the block raises.

        Its ledger entries are then synced in `ledger/` too. Without room there, that is left to
        the next commit: what was done is done, and an error would claim that it was not. Only a
        failed disk or a `ledger/` that was changed is told, although the commit was made.
        """
        self._demand_writable()
        self.demand_agreement()
        with operator_errors(), self._writing.begin() as connection:
            ledger.take_appended(connection)  # of a transaction that was rolled back
            yield connection
            appended = ledger.take_appended(connection)
            self.folder.demand()
        if self._agreement is not None and appended is not None:
            with contextlib.suppress(NoRoom, StoreBusy), operator_errors():
                self._agreement.complete(self._writing)

    @contextlib.contextmanager
    def enter(self) -> Iterator[Connection]:
        """Like `write`, for a receipt, whose sender waits: one sync instead of two.

        Its entries are synced in `ledger/`, and the catalog itself with the next `write`. After a
        power cut in between, the next start enters them again; see agreement/receipts.py. It may
        only append kinds of entries that this can be done for. A copy, without `ledger/`, has none.
        """
        if self._agreement is None:
            raise StoreUnavailable("catalog: a copy takes no batches, nor does one without writing")
        self.demand_agreement()
        with operator_errors(), contextlib.ExitStack() as stack:
            writer = None
            with self._entering.begin() as connection:
                ledger.take_appended(connection)
                yield connection
                appended = ledger.take_appended(connection)
                if appended is not None:
                    placed = place(connection, self._agreement.layout, appended)
                    writer = stack.enter_context(placed)
                # Last, because the body was stored by its path: a 200 may follow.
                self.folder.demand()
            if writer is not None:
                writer.sync()

    def demand_agreement(self) -> None:
        """Compare catalog and `ledger/`, once; raises CatalogLost or LedgerLost.

        Call it before anything is removed because the catalog does not name it.
        """
        if self._agreement is not None:
            with operator_errors():
                self._agreement.demand(self._writing)

    def migrate(self) -> None:
        """Add what an older catalog lacks. It appends no entry, so nothing is compared before."""
        with operator_errors(), self._writing.begin() as connection:
            migration.migrate(connection)

    def _demand_writable(self) -> None:
        if self._held is not None:
            raise StoreUnavailable(
                "this command changes the store, and its folder cannot be written here"
            )

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy into an empty file. It has no bytes of deleted rows."""
        copy(self._engine, path)

    def purge(self, backoff: Backoff) -> None:
        """Rewrite it, so that none of its files has a byte of a deleted row. It blocks writers."""
        if not any(rewrite(self._engine) for _ in backoff.attempts()):
            raise StoreBusy("catalog: other processes kept reading it, so it could not be purged")

    def close(self) -> None:
        self._entering.dispose()
        self._engine.dispose()
        if self._held is not None:
            self._held.close()


def create(path: Path) -> Catalog:
    """Open the catalog at `path`; create it if it is missing."""
    is_new = not path.exists()
    catalog = _of_store(path)
    if is_new:
        durable.sync_folder(path.parent)
    return catalog


def open_existing(path: Path, folder: FolderIdentity | None = None) -> Catalog:
    """Open a catalog that must exist, in `folder`; never a new store in a wrong folder."""
    read_only.demand(path)
    catalog = _of_store(path, folder) if read_only.is_writable(path) else _open_unwritable(path)

    def newest() -> int:
        with catalog.read() as connection:
            return ledger.sequence(connection)

    with _closed_on_error(catalog):
        read_only.demand_current(path, newest(), newest)
    return catalog


@contextlib.contextmanager
def migrated(path: Path) -> Iterator[Path]:
    """A catalog that has everything of this version: `path` itself, or a temporary copy of one that
    cannot be written.
    """
    if read_only.is_writable(path):
        _of_store(path).close()
        yield path
        return
    with read_only.copied(path) as copy:
        _migrated(Catalog(engine_on(copy, PRAGMAS)), copy).close()
        yield copy


def open_draft(path: Path) -> Catalog:
    """Open a copy that no other process uses yet. Writes are not synced: the caller syncs the file
    when it gives it its final name.
    """
    pragmas = ("journal_mode=MEMORY", "synchronous=OFF", "secure_delete=ON")
    return _migrated(Catalog(engine_on(path, pragmas)), path)


def open_frozen(path: Path) -> Catalog:
    """Open a catalog that no process writes to, such as a backup's, even on a read-only disk."""
    catalog = Catalog(frozen_engine(path))
    with _closed_on_error(catalog), catalog.read() as connection:
        migration.require_known_format(connection, str(path.parent))
    return catalog


def _open_unwritable(path: Path) -> Catalog:
    """Open for reading only, with a copy where an older version wrote the catalog."""
    with contextlib.ExitStack() as stack:
        held = stack.enter_context(contextlib.ExitStack())
        catalog = _read(held.enter_context(read_only.readable(path)), held)
        with catalog.read() as connection:
            is_old = migration.is_needed(connection, str(path.parent))
        if is_old:
            copy = held.enter_context(migrated(path))
            catalog = _read(held.enter_context(read_only.readable(copy)), held)
        # From here on the catalog closes what it holds.
        stack.pop_all()
    return catalog


def _read(uri: str, held: contextlib.ExitStack) -> Catalog:
    engine = read_only_engine(uri)
    held.callback(engine.dispose)
    return Catalog(engine, held=held)


def _of_store(path: Path, folder: FolderIdentity | None = None) -> Catalog:
    """Open the catalog of a store, whose entries `ledger/` has too."""
    layout = Layout(path.parent)
    comparison.demand_catalog(layout)
    if not path.exists():
        durable.touch(path)
    folder = folder or FolderIdentity.of(layout)
    agreement = Agreement(layout, folder)
    engine, entering = (engine_on(path, pragmas, folder) for pragmas in (PRAGMAS, ENTERING))
    with agreement.told_damage():
        return _migrated(Catalog(engine, entering, agreement), path)


def _migrated(catalog: Catalog, path: Path) -> Catalog:
    """Migrate if needed; refuse a format of a newer version. Takes no lock if nothing is missing."""
    with _closed_on_error(catalog):
        with catalog.read() as connection:
            is_old = migration.is_needed(connection, str(path.parent))
        if is_old:
            catalog.migrate()
    return catalog


@contextlib.contextmanager
def _closed_on_error(catalog: Catalog) -> Iterator[None]:
    try:
        yield
    except BaseException:
        catalog.close()
        raise
