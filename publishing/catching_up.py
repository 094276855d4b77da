"""What is done with published tables after a change of the store.

Where the setting is off, nothing is published. What was published once is then removed when an
erasure or retention removes rows, because its manifests may have names of these rows; and where
publishing fails, it is removed for the same reason.
"""

from pathlib import Path

from publishing import state, sweeping
from publishing.publisher import Publisher
from publishing.state import PublishedState
from schema.errors import RaytrailError
from store.reading.tables import table_files
from store.store import Store


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
    is_same = published.change == table_files.newest_change(store.catalog)
    return is_same and not sweeping.is_due(published.left, store.clock())


def is_of_removed(store: Store, published: PublishedState | None) -> bool:
    """Whether something is published from before an erasure or retention, or of unknown age."""
    if published is None:
        return any(True for _ in sweeping.objects(store.layout))
    return table_files.has_removed_since(store.catalog, published.sequence)


def _catch_up(publisher: Publisher, *, is_on: bool) -> str:
    store = publisher.store
    before = state.read(store.layout)
    if not is_on:
        if is_of_removed(store, before):
            publisher.withdraw()
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
