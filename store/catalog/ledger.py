"""The ledger: every change of the store is one entry that names the digest of the one before it.

Order is the sequence, never the clock. What an entry is: store/ledger/entry.py.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, select

from store.catalog.tables import entries
from store.ledger.entry import End, Entry, canonical

# Where a connection keeps the entries that it has appended.
_APPENDED = "appended"

# Built once: building a statement takes as long as SQLite needs to answer it.
_LAST = select(func.max(entries.c.sequence))
_NEWEST = select(entries).order_by(entries.c.sequence.desc()).limit(1)
# Without the payload, which may name hundreds of batches.
_END = _NEWEST.with_only_columns(entries.c.sequence, entries.c.digest)
_ADD = insert(entries)


def append(connection: Connection, kind: str, now: datetime, payload: Mapping[str, Any]) -> Entry:
    """Append one entry. The caller holds the catalog's write lock and commits."""
    return append_all(connection, kind, now, [payload])[0]


def append_all(
    connection: Connection, kind: str, now: datetime, payloads: Iterable[Mapping[str, Any]]
) -> list[Entry]:
    """Append several entries with one statement."""
    last, chained = end(connection), list[Entry]()
    for payload in payloads:
        chained.append(Entry.after(last, kind, now, payload))
        last = chained[-1].end
    insert_all(connection, chained)
    connection.info.setdefault(_APPENDED, []).extend(chained)
    return chained


def insert_all(connection: Connection, chained: Sequence[Entry]) -> None:
    """Insert entries as they are; the caller has checked that they continue the chain."""
    connection.execute(_ADD, [_row(entry) for entry in chained])


def confirm(connection: Connection) -> None:
    """Ask that `ledger/` has every entry synced before the transaction counts as committed.

    For an answer that relies on an entry of another transaction, which may be under way.
    """
    connection.info.setdefault(_APPENDED, [])


def take_appended(connection: Connection) -> list[Entry] | None:
    """The entries that were appended since the last call; None if `ledger/` needs no sync."""
    appended: list[Entry] | None = connection.info.pop(_APPENDED, None)
    return appended


def _row(entry: Entry) -> dict[str, Any]:
    return {**entry.fields(), "payload": canonical(entry.payload).decode()}


def newest(connection: Connection) -> Entry | None:
    return next(_read(connection, _NEWEST), None)


def sequence(connection: Connection) -> int:
    """The newest entry's number, 0 before the first."""
    return connection.execute(_LAST).scalar() or 0


def end(connection: Connection) -> End:
    return End(*connection.execute(_END).first() or ())


def digest(connection: Connection, of_sequence: int) -> str | None:
    """The digest of the entry with this number; None without one."""
    query = select(entries.c.digest).where(entries.c.sequence == of_sequence)
    return connection.scalars(query).one_or_none()


def between(connection: Connection, after: int, before: int) -> Iterator[Entry]:
    """The entries between two numbers, oldest first."""
    query = select(entries).where(entries.c.sequence > after, entries.c.sequence < before)
    return _read(connection, query.order_by(entries.c.sequence).execution_options(yield_per=1000))


def walk(connection: Connection) -> Iterator[Entry]:
    """Every entry, oldest first."""
    return _read(connection, select(entries).order_by(entries.c.sequence))


def of_kinds(connection: Connection, kinds: Iterable[str], after: int) -> Iterator[Entry]:
    """Every entry of these kinds after a sequence, oldest first."""
    query = select(entries).where(entries.c.sequence > after, entries.c.kind.in_(list(kinds)))
    return _read(connection, query.order_by(entries.c.sequence))


def _read(connection: Connection, query: Any) -> Iterator[Entry]:
    for row in connection.execute(query).mappings():
        yield Entry(**{**row, "payload": orjson.loads(row["payload"])})
