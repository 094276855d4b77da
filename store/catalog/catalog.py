"""Opens the catalog, and gives it read and write transactions.

A commit is on disk before it returns. A write transaction takes the lock when it begins, so what it
reads stays true until it commits. What SQLite and PostgreSQL do in ways of their own is in databases/.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine

from store.backoff import Backoff
from store.catalog import ledger, migration
from store.catalog.agreement.agreement import Agreement
from store.catalog.agreement.folder_identity import ANY_FOLDER
from store.catalog.agreement.placement import place
from store.catalog.databases import dialect
from store.catalog.databases.operator_errors import operator_errors
from store.errors import DatabaseAway, NoRoom, StoreBusy, StoreUnavailable

# More than a process has connections: at a start each of them is new.
RECONNECTS_MAX = 20


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
        self._dialect = dialect.of(engine)
        self._writing = engine.execution_options(begin=self._dialect.begin_writing)
        # `entering` does not sync, and `agreement` is None for a copy: `ledger/` follows the
        # store's own catalog only.
        self._entering = (entering or engine).execution_options(begin=self._dialect.begin_entering)
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

        Its ledger entries are then synced in `ledger/` too. Without room there, or if the server goes
        away, that is left to the next commit: what was done is done, and an error would claim that it
        was not. Only a failed disk or a `ledger/` that was changed is told, although the commit was
        made.
        """
        self._demand_writable()
        with operator_errors(), self._agreed(self._writing) as connection:
            ledger.take_appended(connection)  # of a transaction that was rolled back
            yield connection
            appended = ledger.take_appended(connection)
            self.folder.demand()
        if self._agreement is not None and appended is not None:
            with contextlib.suppress(NoRoom, StoreBusy, DatabaseAway), operator_errors():
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
        with operator_errors(), contextlib.ExitStack() as stack:
            writer = None
            with self._agreed(self._entering) as connection:
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

    @contextlib.contextmanager
    def _agreed(self, writing: Engine) -> Iterator[Connection]:
        """A write transaction, begun after catalog and `ledger/` were compared. A new connection to a
        server is a reason to compare again: it may have restarted without its last commits.
        """
        for _ in range(RECONNECTS_MAX):
            self.demand_agreement()
            with writing.begin() as connection:
                if self._agreement is None or self._agreement.is_compared:
                    yield connection
                    return
        raise StoreBusy("catalog: the connection to it broke again and again")

    def demand_agreement(self) -> None:
        """Compare catalog and `ledger/`, once; raises CatalogLost or LedgerLost.

        Call it before anything is removed because the catalog does not name it.
        """
        if self._agreement is not None:
            with operator_errors():
                self._agreement.demand(self._writing)

    def migrate(self) -> None:
        """Add what an older catalog lacks."""
        self.change(migration.migrate)

    def change(self, change: Callable[[Connection], None]) -> None:
        """Write without an entry, so that nothing is compared before."""
        with operator_errors(), self._writing.begin() as connection:
            change(connection)

    def _demand_writable(self) -> None:
        if self._held is not None:
            raise StoreUnavailable(
                "this command changes the store, and its folder cannot be written here"
            )

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy into an empty file. It has no bytes of deleted rows."""
        self._dialect.copy(self._engine, path)

    def purge(self, backoff: Backoff) -> None:
        """Rewrite it without bytes of deleted rows. It blocks writers."""
        if not any(self._dialect.rewrite(self._engine) for _ in backoff.attempts()):
            raise StoreBusy("catalog: other processes kept reading it, so it could not be purged")

    @property
    def keeps_deleted(self) -> str:
        """What else keeps bytes of rows after a purge, as a sentence; empty if nothing does."""
        return self._dialect.keeps_deleted

    @property
    def is_file(self) -> bool:
        """Whether it is a file of this machine, and not on a server."""
        return self._engine.dialect.name == "sqlite"

    def settings(self) -> dict[str, str]:
        """What an administrator of its server can set wrong, by name; none of a file."""
        with self.read() as connection:
            return self._dialect.settings(connection)

    def problem(self) -> str:
        """What the database's own check of its pages finds; empty if nothing."""
        with self.read() as connection:
            return self._dialect.problem(connection)

    def close(self) -> None:
        self._entering.dispose()
        self._engine.dispose()
        if self._held is not None:
            self._held.close()
