"""Which users have rows in which compacted file, so that a question about one opens no other file.

The catalog holds eight bytes of the SHA-256 of a name. Two names with the same bytes cost an
unnecessary read of a file, never a wrong answer.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, insert

from store.catalog.users.tables import people

# How many files one ledger entry can add, each with a number of its own.
FILES_OF_AN_ENTRY_MAX = 2**16


def number(sequence: int, place: int) -> int:
    """The number of the file that an entry added at this place."""
    return sequence * FILES_OF_AN_ENTRY_MAX + place


def enter(connection: Connection, file: int, names: Iterable[int]) -> None:
    """List the users of a file. The caller holds the write lock."""
    rows = [{"who": name, "file": file} for name in sorted(set(names))]
    if rows:
        connection.execute(insert(people), rows)
