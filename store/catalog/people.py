"""Whose rows are in which compacted file, so that a question about one person opens no other.

A name goes into the catalog as eight bytes of its SHA-256. Two names that share them cost a file
opened for nothing, and no wrong answer.
"""

import hashlib
from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from store.catalog.tables import people

# How many files one entry of the ledger can add and each still have a number of its own.
FILES_OF_AN_ENTRY_MAX = 2**16

# The numbers of the listed files that may hold rows of the user whose who() is bound.
FILES_OF = select(people.c.file).where(people.c.who == bindparam("who"))


def who(user: str) -> int:
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:8], signed=True)


def number(sequence: int, place: int) -> int:
    """The number of the file that an entry added in this place."""
    return sequence * FILES_OF_AN_ENTRY_MAX + place


def enter(connection: Connection, file: int, names: Iterable[int]) -> None:
    """List whose rows a file has. The caller holds the write lock."""
    rows = [{"who": name, "file": file} for name in sorted(set(names))]
    if rows:
        connection.execute(insert(people), rows)
