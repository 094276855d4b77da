"""Checks the chain of the ledger, the totals, and whether removals are late."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from store import timestamps
from store.catalog import counts
from store.catalog.catalog import Catalog
from store.catalog.chain import breaks
from store.catalog.tables import removals
from store.fsck.finding import Finding, Kind

# The loader deletes a hundred files at a time and loads batches first, so deletions may be late.
OVERDUE = timedelta(hours=1)

LOOK = "restore a backup into a new folder and compare; a ledger cannot be repaired"


def check_catalog(catalog: Catalog, now: datetime) -> Iterator[Finding]:
    """Checks one consistent read of the catalog."""
    with catalog.read() as connection:
        for each in breaks(connection):
            means = f"{each.reason}: the ledger was changed after it was written"
            path = f"entries/{each.sequence}"
            yield Finding(kind=Kind.LEDGER_BROKEN, path=path, means=means, helps=LOOK)
        yield from _totals(connection)
        yield from _overdue(connection, now)


def _totals(connection: Connection) -> Iterator[Finding]:
    held, found = counts.read(connection), counts.scan(connection)
    for key in sorted(held.keys() | found.keys()):
        if held[key] != found[key]:
            yield Finding(
                kind=Kind.TOTALS_DIFFER,
                path="/".join(("counts", *filter(None, key))),
                means=f"`status` shows {held[key]:,}, but the count is {found[key]:,}",
                repair="counted again",
            )


def _overdue(connection: Connection, now: datetime) -> Iterator[Finding]:
    is_late = removals.c.due_at < timestamps.to_text(now - OVERDUE)
    is_overdue = is_late & removals.c.shown_until.is_(None)
    query = select(removals.c.path, removals.c.due_at).where(is_overdue).order_by(removals.c.path)
    for path, due_at in connection.execute(query):
        yield Finding(
            kind=Kind.REMOVAL_OVERDUE,
            path=path,
            means=f"it was due for deletion at {due_at}, and no loader has deleted it",
            repair="deleted",
        )
