"""Entries that a receipt waits for: what is synced before the answer is their line in `ledger/`.

A power cut can leave the line without the commit, which is synced later. The entry is then made in
the catalog again: its body was stored before, and somebody may have been told that it was.
"""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from store.catalog import counts, ledger
from store.catalog.counts import Key
from store.catalog.tables import batches, removals
from store.files.layout import Layout
from store.ledger.entry import Entry

# Built once, since each body needs both.
_ADD = insert(batches)
_KEEP = delete(removals).where(removals.c.path == bindparam("at_path"))


def can_redo(layout: Layout, entry: Entry) -> bool:
    """Whether the catalog can be given this entry without reading any file."""
    return entry.kind == "resend" or (
        entry.kind == "batch" and (layout.root / entry.payload["raw_path"]).is_file()
    )


def redo(connection: Connection, entry: Entry) -> None:
    ledger.insert_all(connection, [entry])
    if entry.kind == "batch":
        enter(connection, entry)
    else:
        sequence = entry.payload["batch"]
        dataset = select(batches.c.dataset).where(batches.c.sequence == sequence)
        count_resend(connection, sequence, connection.execute(dataset).scalar_one())


def count_resend(connection: Connection, sequence: int, dataset: str) -> None:
    """The lines of the batch with this number came again."""
    resent = update(batches).where(batches.c.sequence == sequence)
    connection.execute(resent.values(resends=batches.c.resends + 1))
    counts.change(connection, {Key(dataset, "resends"): 1})


def enter(connection: Connection, entry: Entry) -> None:
    """Add the batch of an entry to the tables."""
    told = entry.payload
    reason, dataset = told["reason"], told["dataset"]
    state = "unread" if reason else "entered"
    row = {name: value for name, value in told.items() if name in batches.c}
    row |= {"sequence": entry.sequence, "state": state, "attempts": 0}
    connection.execute(_ADD, {"is_fetched": False, "recovered": False, **row})
    # After a clock stepped back, a body may get the path of one that waits for removal.
    connection.execute(_KEEP, {"at_path": told["raw_path"]})
    counted = counts.of_batch(told)
    counted[Key(dataset, "batches")] = 1
    counted[Key(dataset, "unread_batches")] = int(state == "unread")
    counts.change(connection, counted)
