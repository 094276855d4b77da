"""Waits until the batches received so far are loaded, and loads them where no loader runs."""

from collections.abc import Iterator

from sqlalchemy import func, select

from store.backoff import Backoff
from store.catalog import ledger
from store.catalog.tables import batches
from store.errors import EraseRefused
from store.files import durable
from store.store import Store


def drain(store: Store, backoff: Backoff) -> None:
    """Return once every batch received so far is loaded or kept unread, and no replay is unfinished.

    Raises EraseRefused if that takes longer than `backoff` allows.
    """
    store.recover()
    for left in poll(store, backoff):
        if not left and not store.layout.replay_mark.exists():
            return
    raise EraseRefused(
        f"{left:,} batches still wait to be loaded, or a replay is running;"
        " see `raytrail status`, and try again"
    )


def poll(store: Store, backoff: Backoff) -> Iterator[int]:
    """Yield again and again how many of the batches received so far still wait."""
    with store.catalog.read() as connection:
        newest = ledger.sequence(connection)
    for _ in backoff.attempts():
        _load_unless_a_loader_runs(store)
        yield waiting(store, newest)


def _load_unless_a_loader_runs(store: Store) -> None:
    with durable.lock(store.layout.loader_lock) as no_loader:
        if no_loader:
            loader = store.loader()
            loader.sweep()
            while loader.load_next():
                pass


def waiting(store: Store, newest: int) -> int:
    """How many of the batches up to this ledger sequence are neither loaded nor kept unread."""
    until = batches.c.state == "entered", batches.c.sequence <= newest
    with store.catalog.read() as connection:
        return connection.scalar(select(func.count()).where(*until)) or 0
