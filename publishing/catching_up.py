"""What is done with published tables after a change of the store.

Where the setting is off, nothing is published. What was published once is then removed when an
erasure or retention removes rows, because its manifests may have names of these rows; and where
publishing fails, it is removed for the same reason.
"""

from dataclasses import replace
from pathlib import Path

from publishing import state, sweeping
from publishing.publisher import Publisher, is_of_removed
from publishing.state import PublishedState
from schema.errors import RaytrailError
from store.catalog import ledger
from store.reading.tables import table_files
from store.store import Store

# Looked through in some milliseconds, every ten seconds.
ENTRIES_SEARCHED_MAX = 10_000


def catch_up(store: Store, root: Path | None, *, is_on: bool) -> str:
    """Why the tables cannot show what changed, or an empty text. Raises nothing."""
    try:
        return _catch_up(Publisher(store=store, root=root), is_on=is_on)
    except Exception as error:  # noqa: BLE001 (pyiceberg's errors too: work goes on without it)
        return _sentence(error)


def is_current(publisher: Publisher, published: PublishedState) -> bool:
    """Whether the tables show the live files of this folder, and nothing has to be removed."""
    store = publisher.store
    if published.failure or published.root != str(publisher.seen_root):
        return False
    if published.change != table_files.newest_change(store.catalog):
        return False
    return not (sweeping.is_due(published.left, store.clock()) or is_of_removed(store, published))


def _catch_up(publisher: Publisher, *, is_on: bool) -> str:
    store = publisher.store
    before = state.read(store.layout)
    if not is_on:
        if is_of_removed(store, before):
            publisher.withdraw()
        elif before is not None:
            _note_searched(publisher, before)
        return ""
    if before is not None and is_current(publisher, before):
        return ""
    try:
        publisher.publish()
    except Exception as error:  # noqa: BLE001 (as above)
        why = _sentence(error)
        _failed(publisher, before, why)
        return why
    return ""


def _note_searched(publisher: Publisher, before: PublishedState) -> None:
    """So that the next search does not begin with entries of years ago."""
    with publisher.store.catalog.read() as connection:
        newest = ledger.sequence(connection)
    if newest - max(before.sequence, before.searched) >= ENTRIES_SEARCHED_MAX:
        with publisher.locked():
            state.write(publisher.store.layout, replace(before, searched=newest))


def _failed(publisher: Publisher, before: PublishedState | None, why: str) -> None:
    """Note it for `status`, and let no name of a removed row wait for the next publishing."""
    if is_of_removed(publisher.store, before):
        publisher.withdraw()
        before = None
    if before is None or before.failure != why:
        with publisher.locked():
            state.write(publisher.store.layout, (before or PublishedState()).failed(why))


def _sentence(error: Exception) -> str:
    return str(error) if isinstance(error, RaytrailError) else f"{type(error).__name__}: {error}"
