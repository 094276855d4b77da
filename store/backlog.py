"""Batches that wait to be loaded: whoever must know every row sees to it that none of them does."""

from collections.abc import Iterator

from sqlalchemy import func, select

from store.backoff import Patience
from store.catalog import ledger
from store.catalog.tables import batches
from store.errors import EraseRefused
from store.files import durable
from store.store import Store


def drain(store: Store, patience: Patience) -> None:
    """Return once all that was received by now is rows, or is kept unread, and nothing half made
    lies about: by the loader that is at work, or by our own hand where none is.
    """
    store.recover()
    for left in settling(store, patience):
        if not left and not store.layout.replay_mark.exists():
            return
    raise EraseRefused(
        f"{left:,} batches still wait to be loaded, or a replay is not over;"
        " see `raytrail status`, and try again"
    )


def settling(store: Store, patience: Patience) -> Iterator[int]:
    """How many batches of those received by now still wait, again and again; we load them where
    nobody does.
    """
    with store.catalog.read() as connection:
        newest = ledger.sequence(connection)
    for _ in patience.tries():
        _load_where_nobody_does(store)
        yield waiting(store, newest)


def _load_where_nobody_does(store: Store) -> None:
    with durable.lock(store.layout.loader_lock) as no_loader:
        if no_loader:
            loader = store.loader()
            loader.sweep()
            while loader.load_next():
                pass


def waiting(store: Store, newest: int) -> int:
    """How many of the batches entered by then are neither rows nor kept unread."""
    until = batches.c.state == "entered", batches.c.sequence <= newest
    with store.catalog.read() as connection:
        return connection.scalar(select(func.count()).where(*until)) or 0
