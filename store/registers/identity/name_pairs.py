"""Says of two names that they are, or are not, one person's.

The ledger has a salted digest of the two names, in either order. The salt is beside it, so an entry
confirms a pair to somebody who guesses both names, and tells nothing to anybody else. The names of a
link are in the catalog's table and in a file of each link, so that they outlive the catalog. Of names
that are two people's nothing but the digest is kept.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, update

from store import names
from store.catalog import ledger
from store.catalog.register_tables import name_pairs
from store.catalog.tables import entries
from store.errors import LinkRefused
from store.files.layout import Layout
from store.ledger.act_files import ActFiles
from store.ledger.entry import Entry
from store.registers.identity.name_pair import NamePair, NamePairs, digest_of

# `erase --not-this-person` of earlier versions wrote entries of this kind.
DISTINCT = "distinct_names"
LINKED = "linked_names"
KINDS = (DISTINCT, LINKED)

SALT_BYTES = 16
ID_CHARACTERS = 16

# Each has a file, and every question reads all of them. RAYTRAIL_PEOPLE takes more.
LINKS_MAX = 2_000

_NAMES = ("name", "other")


def link(connection: Connection, layout: Layout, now: datetime, name: str, other: str) -> None:
    """Enter that both names are one person's. The caller holds the write lock and commits.

    The file with the names is on disk before the entry can be. LinkRefused beyond LINKS_MAX.
    """
    if sum(pair.is_same for pair in of(connection).pairs) >= LINKS_MAX:
        raise LinkRefused(f"there are {LINKS_MAX:,} links; put further pairs into RAYTRAIL_PEOPLE")
    _enter(connection, LINKED, now, name, other)
    write_missing(layout, connection)


def unlink(connection: Connection, layout: Layout, now: datetime, name: str, other: str) -> None:
    """Enter that the names are of two people, and blank the link that says otherwise. The caller
    holds the write lock and commits.
    """
    for pair in of(connection).pairs:
        if pair.is_same and pair.is_of(name, other):
            _blank(connection, name_pairs.c.digest == pair.digest)
    _enter(connection, DISTINCT, now, name, other)
    write_missing(layout, connection)


def of(connection: Connection) -> NamePairs:
    return NamePairs(tuple(_pair(row) for row in _rows(connection)))


def add(connection: Connection, entry: Entry, told: Mapping[str, Any] | None = None) -> None:
    """The row of an entry, for a rebuild and an older catalog; `told` is what the link's file says."""
    salt, digest = entry.payload["salt"], entry.payload["digest"]
    row = {"salt": salt, "digest": digest, "sequence": entry.sequence}
    found: dict[str, str | None] = dict.fromkeys(_NAMES)
    if told is not None and told["name"] is not None and is_told(row, told):
        found = {name: told[name] for name in _NAMES}
    connection.execute(insert(name_pairs), {**row, "is_same": entry.kind == LINKED, **found})


def is_told(row: Mapping[Any, Any], names_of: Mapping[Any, Any]) -> bool:
    """Whether these names have the digest of a row."""
    name, other = names_of["name"], names_of["other"]
    return bool(name and other) and digest_of(row["salt"], name, other) == row["digest"]


def forget(connection: Connection, user: str) -> int:
    """Blank all links of a name, and return how many. The caller holds the write lock."""
    return _blank(connection, or_(name_pairs.c.name == user, name_pairs.c.other == user))


def write_missing(layout: Layout, connection: Connection) -> None:
    """Write the file of each link that has none, or whose file differs from the catalog."""
    files(layout).write_missing(_links(connection))


def settle(layout: Layout, connection: Connection) -> None:
    """As `write_missing`, and remove files of links that were never entered, and drafts."""
    files(layout).settle(_links(connection))


def files(layout: Layout) -> ActFiles:
    return ActFiles(layout.links, "link", ("salt", "digest", *_NAMES), {})


def id_of(digest: str) -> str:
    """The name of a link's file."""
    return digest[:ID_CHARACTERS]


def demand_names(name: str, other: str) -> None:
    """LinkRefused for names that no two rows can have."""
    if not name or not other:
        raise LinkRefused("a name is empty")
    if not (names.is_utf8(name) and names.is_utf8(other)):
        raise LinkRefused("no row can have a name that is not UTF-8")
    if name == other:
        raise LinkRefused("both names are the same")


def _enter(connection: Connection, kind: str, now: datetime, name: str, other: str) -> None:
    salt = secrets.token_hex(SALT_BYTES)
    facts = {"salt": salt, "digest": digest_of(salt, name, other)}
    entry = ledger.append(connection, kind, now, facts)
    kept = {"name": name, "other": other} if kind == LINKED else None
    add(connection, entry, kept)


def _blank(connection: Connection, condition: ColumnElement[bool]) -> int:
    blanked = update(name_pairs).where(condition).values(name=None, other=None)
    return connection.execute(blanked).rowcount


def _rows(connection: Connection) -> list[RowMapping]:
    query = (
        select(name_pairs, entries.c.recorded_at.label("said_at"))
        .join(entries, entries.c.sequence == name_pairs.c.sequence)
        .order_by(name_pairs.c.sequence.desc())
    )
    return list(connection.execute(query).mappings())


def _pair(row: RowMapping) -> NamePair:
    return NamePair(**{name: row[name] for name in NamePair.__slots__})


def _links(connection: Connection) -> Mapping[str, RowMapping]:
    return {id_of(row["digest"]): row for row in _rows(connection) if row["is_same"]}
