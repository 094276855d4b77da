"""Compares the catalog with the files in `ledger/`, once, before a process changes the store.

| what is found                                   | what follows                                  |
|-------------------------------------------------|-----------------------------------------------|
| both end with the same entry                    | nothing                                       |
| `ledger/` ends earlier                          | a crash: the missing entries are appended     |
| no `ledger/`, and none was ever begun           | an older version's store: it is written whole |
| `ledger/` has receipts more                     | a crash: they are entered in the catalog too  |
| `ledger/` has more                              | CatalogBehind                                 |
| no `ledger/`, though it was begun               | LedgerMissing                                 |
| the same number is another entry in each        | LedgerContradicts                             |
| no catalog, but files of a store                | CatalogMissing, or LedgerMissing without any  |
"""

import os

from sqlalchemy import Connection, insert, select

from store.catalog import ledger
from store.catalog.agreement import receipts
from store.catalog.agreement.placement import (
    RESTORE,
    committed,
    contradiction,
    end_of,
    place,
    write_whole,
)
from store.catalog.read_only import REBUILD
from store.catalog.tables import facts
from store.errors import (
    CatalogBehind,
    CatalogMissing,
    LedgerMissing,
)
from store.files.layout import Layout
from store.ledger import writer
from store.ledger.entry import End, Entry
from store.ledger.ledger_files import UNSYNCED_LINES_MAX, ledger_files
from store.ledger.tail import Tail, entries_backward
from store.ledger.writer import LedgerWriter

# The fact that `ledger/` was begun: if it is missing later, it was lost.
BEGUN = "ledger"

# Receipts that are entered in the catalog again, instead of a rebuild. More than come between two
# commits of the loader, which sync what receipts have committed.
REDONE_MAX = 100_000


def demand_catalog(layout: Layout, *, is_there: bool) -> None:
    """Refuse to make an empty catalog for a folder that is in use."""
    if is_there:
        return
    found = _tail(layout)
    if found is not None and found.entry is not None:
        raise CatalogMissing(f"{layout.catalog_name} is missing or empty; {REBUILD}")
    if _is_used(layout):
        raise LedgerMissing(
            f"{layout.catalog_name} is missing or empty, and so is {layout.ledger}, but raw/ or parts/"
            f" hold files; {RESTORE}"
        )


def agree(connection: Connection, layout: Layout) -> None:
    """Compare, and mend what a crash left. The caller holds the write lock and commits."""
    here, there = ledger.end(connection), _tail(layout)
    if there is None:
        _demand_never_begun(connection, layout, here)
        there = writer.begin(layout)
    elif there.end.sequence > here.sequence:
        _catch_up_with(connection, layout, here, there)
    else:
        there = committed(connection, layout, there)
    # What a power cut damaged is cut off now, since `place` expects whole lines.
    LedgerWriter(layout, there).close()
    if not _is_begun(connection):
        # What a killed first start had not synced may be damaged anywhere.
        write_whole(connection, layout)
        connection.execute(insert(facts), {"name": BEGUN, "value": "begun"})
    elif there.end.sequence < here.sequence or writer.is_renewal_due(layout):
        with place(connection, layout) as placed:
            placed.sync()


def _tail(layout: Layout) -> Tail | None:
    return end_of(layout, unsynced=UNSYNCED_LINES_MAX)


def _is_used(layout: Layout) -> bool:
    """Whether a store ever kept something here. Drafts do not count: a first start may leave one."""
    return any(
        not name.startswith(".")
        for top in (layout.raw, layout.parts)
        for _, _, names in os.walk(top)
        for name in names
    )


def is_missing(connection: Connection, layout: Layout) -> bool:
    """Whether `ledger/` was begun, and has no file now."""
    return not ledger_files(layout) and _is_begun(connection)


def _is_begun(connection: Connection) -> bool:
    return connection.scalar(select(facts.c.value).where(facts.c.name == BEGUN)) is not None


def _demand_never_begun(connection: Connection, layout: Layout, here: End) -> None:
    is_empty = not here.sequence
    if _is_begun(connection) and not (is_empty and not _is_used(layout)):
        raise LedgerMissing(f"{layout.ledger} is missing; {RESTORE}")
    if is_empty and _is_used(layout):
        raise LedgerMissing(
            f"{layout.catalog_name} has no entry, and {layout.ledger} is missing, but raw/ or parts/"
            f" hold files; {RESTORE}"
        )


def _catch_up_with(connection: Connection, layout: Layout, here: End, there: Tail) -> None:
    """Make the receipts that a crash kept from being committed; CatalogBehind for more than that."""
    newer, known, has_others = list[Entry](), End(), False
    for entry in entries_backward(layout):
        if entry.sequence <= here.sequence:
            known = entry.end
            break
        has_others |= len(newer) == REDONE_MAX or not receipts.can_redo(layout, entry)
        if not has_others:
            newer.append(entry)
    if known != here:
        raise contradiction(layout, here.sequence)
    if has_others:
        raise CatalogBehind(
            f"{layout.catalog_name} ends with entry {here.sequence}, and ledger/ with entry"
            f" {there.end.sequence}: it is an old catalog; {REBUILD}"
        )
    for entry in reversed(newer):
        receipts.redo(connection, entry)
