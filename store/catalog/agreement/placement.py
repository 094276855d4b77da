"""Writes entries of the catalog into the files of `ledger/`, each once and in order."""

from collections.abc import Iterable, Sequence
from itertools import chain

from sqlalchemy import Connection

from store.catalog import ledger
from store.errors import LedgerContradicts, LedgerMissing, StoreDamaged
from store.files import durable
from store.files.layout import Layout
from store.ledger.entry import Entry
from store.ledger.ledger_files import ledger_files
from store.ledger.tail import RECEIPTS, Tail, tail
from store.ledger.writer import LedgerWriter, begin, is_renewal_due, renew

RESTORE = (
    "put ledger/ back if it was moved away; otherwise `raytrail rebuild` makes what is missing from"
    " what is left, and `raytrail restore` makes a store of a backup"
)


def place(connection: Connection, layout: Layout, appended: Sequence[Entry] = ()) -> LedgerWriter:
    """Append `appended`, which are the catalog's newest entries, and whatever is missing before.

    The caller holds the catalog's write lock, and syncs and closes the writer. Lines of receipts
    that were never committed are replaced.
    """
    first = appended[0].sequence if appended else ledger.sequence(connection) + 1
    found = end_of(layout, before=first)
    if found is None:
        raise LedgerMissing(f"{layout.ledger} disappeared while the store was in use")
    is_level = bool(appended) and appended[0].previous == found.end.digest
    last = found if is_level else committed(connection, layout, found)
    if is_renewal_due(layout):
        renew(layout, last)
    missing: Iterable[Entry] = ()
    if last.end.sequence + 1 < first:
        missing = ledger.between(connection, last.end.sequence, first)
    writer = LedgerWriter(layout, last)
    try:
        writer.append(_following(last.end.digest, chain(missing, appended)))
    except BaseException:
        writer.close()
        raise
    return writer


def end_of(layout: Layout, before: int | None = None, unsynced: int = 1) -> Tail | None:
    """The last line; a damaged one before it is LedgerContradicts, so that no reader of StoreDamaged
    takes it for damage of what it was about to store.
    """
    try:
        return tail(layout, before, unsynced)
    except StoreDamaged as error:
        raise LedgerContradicts(f"{error}; {RESTORE}") from error


def committed(connection: Connection, layout: Layout, found: Tail) -> Tail:
    """The last line up to `found` that the catalog has too.

    A receiver that dies between its line and its commit leaves a line that nobody was told of, and
    another process may commit an act under its number. LedgerContradicts if anything else differs.
    """
    if _has(connection, found):
        return found
    stale, before = found.entry, end_of(layout, before=found.end.sequence)
    # One at most: a receipt is one line, and whoever writes the next one cuts it off.
    if stale is None or stale.kind not in RECEIPTS or before is None:
        raise contradiction(layout, found.end.sequence)
    if stale.previous != before.end.digest or not _has(connection, before):
        raise contradiction(layout, found.end.sequence)
    return before


def _has(connection: Connection, last: Tail) -> bool:
    return last.entry is None or (ledger.digest(connection, last.end.sequence) == last.end.digest)


def contradiction(layout: Layout, sequence: int) -> LedgerContradicts:
    return LedgerContradicts(
        f"{layout.root}: entry {sequence} is another one in ledger/ than in the catalog: they are"
        " of two stores, or one was changed; put back the one that belongs here"
    )


def write_whole(connection: Connection, layout: Layout) -> None:
    """Write and sync every entry of a catalog that has no `ledger/` beside it yet."""
    for leftover in ledger_files(layout):
        durable.remove(leftover)
    begin(layout)
    with place(connection, layout) as writer:
        writer.sync()


def _following(digest: str, entries: Iterable[Entry]) -> Iterable[Entry]:
    for entry in entries:
        if entry.previous != digest:
            raise LedgerContradicts(
                f"entry {entry.sequence} does not follow the last one in ledger/; stop the service"
                " and start it again"
            )
        yield entry
        digest = entry.digest
