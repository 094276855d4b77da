"""Keeps one process's catalog and the files of `ledger/` in agreement.

They are compared once, before the first write transaction. From then on every commit brings
`ledger/` up to date, before the caller goes on. The catalog's write lock gives the order.
"""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, Engine

from store.catalog.agreement import comparison, unclean_stop
from store.catalog.agreement.folder_identity import FolderIdentity
from store.catalog.agreement.placement import place
from store.catalog.databases import dialect
from store.catalog.read_only import REBUILD
from store.errors import CatalogDamaged, StoreDamaged
from store.files.layout import Layout
from store.ledger.tail import tail


class Agreement:
    """Make it before the catalog is opened: SQLite removes the traces of an unclean stop."""

    def __init__(self, layout: Layout, folder: FolderIdentity) -> None:
        self.layout = layout
        self.folder = folder
        self._was_unclean = unclean_stop.note(layout)
        self._comparing = threading.Lock()
        self.is_compared = False

    def doubt(self) -> None:
        """Compare again before the next write: the database may be another one, or an older one."""
        self.is_compared = False

    def demand(self, writing: Engine) -> None:
        """Compare, if this process has not done so yet. Each time, the folder must be the same."""
        self.folder.demand()
        if self.is_compared:
            return
        with self._comparing, self.told_damage():
            if not self.is_compared:
                with writing.begin() as connection:
                    if self._was_unclean:
                        _check_pages(connection)
                    comparison.agree(connection, self.layout)
                if self._was_unclean:
                    unclean_stop.forget(self.layout)
                self.is_compared = True

    def complete(self, writing: Engine) -> None:
        """Append what was committed, and sync it."""
        self.folder.demand()
        with ExitStack() as stack:
            with writing.begin() as connection:
                writer = stack.enter_context(place(connection, self.layout))
            writer.sync()

    @contextmanager
    def told_damage(self) -> Iterator[None]:
        """Raise CatalogDamaged for a damaged catalog, if `ledger/` can replace it."""
        try:
            yield
        except StoreDamaged as error:
            found = tail(self.layout)
            if found is None or found.entry is None:
                raise
            raise CatalogDamaged(f"{error}; {REBUILD}") from error


def _check_pages(connection: Connection) -> None:
    if problem := dialect.of(connection).problem(connection):
        raise StoreDamaged(f"catalog: {problem}")
