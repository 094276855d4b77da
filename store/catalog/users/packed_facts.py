"""The habits and takings of one user in one file, packed as bytes without a text.

The habits of 300 people in a month are some 20,000. As rows of their own they take twice as many
bytes of the catalog, and ten times as long to read, and `audit.duckdb` waits for that.

A habit is three numbers of 32 bits: of its value, of its month (counted from year 0), and a bit for
each day of the month, the lowest for the first. A taking is a day (counted from 1970-01-01) and the
number of files, of 32 bits each, and the number of bytes, of 64. All are little-endian.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple

HABIT = struct.Struct("<IiI")
TAKING = struct.Struct("<iIq")

MONTHS = 12


class Habit(NamedTuple):
    """A user had the value on these days of the month."""

    user: str
    kind: str
    value: str
    month: int
    days: int


class Taking(NamedTuple):
    """How many files a user downloaded on a day, and their bytes."""

    user: str
    day: int
    files: int
    bytes: int


class UserFacts(NamedTuple):
    """What is kept of the users of one file."""

    habits: tuple[Habit, ...]
    takings: tuple[Taking, ...]


def packed_habits(habits: Iterable[tuple[int, int, int]]) -> bytes:
    """Of the number of the value, the month, and the days."""
    return b"".join(HABIT.pack(*each) for each in habits)


def packed_takings(takings: Iterable[Taking]) -> bytes:
    return b"".join(TAKING.pack(*each[1:]) for each in takings)
