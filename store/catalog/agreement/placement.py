"""Writes entries of the catalog into the files of `ledger/`, each once and in order."""

from collections.abc import Iterable, Sequence
from itertools import chain

from sqlalchemy import Connection

from store.catalog import ledger
from store.errors import LedgerContradicts, LedgerMissing
from store.files import durable
from store.files.layout import Layout
from store.ledger.entry import Entry
from store.ledger.ledger_files import ledger_files
from store.ledger.tail import tail
from store.ledger.writer import LedgerWriter, begin, is_renewal_due, renew


def place(connection: Connection, layout: Layout, appended: Sequence[Entry] = ()) -> LedgerWriter:
    """Append `appended`, which are the catalog's newest entries, and whatever is missing before.

    The caller holds the catalog's write lock, and syncs and closes the writer. Lines that claim
    the same numbers are replaced: their transaction was never committed.
    """
    first = appended[0].sequence if appended else ledger.sequence(connection) + 1
    last = tail(layout, before=first)
    if last is None:
        raise LedgerMissing(f"{layout.ledger} disappeared while the store was in use")
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
