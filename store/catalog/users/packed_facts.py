"""The habits and takings of one user in one file, packed as bytes without a text.

The habits of 300 people in a month are some 20,000. As rows of their own they take twice as many
bytes of the catalog, and ten times as long to read, and `audit.duckdb` waits for that.

A habit is three numbers of 32 bits: of its value, of its month (counted from year 0), and a bit for
each day of the month, the lowest for the first. A taking is a day (counted from 1970-01-01) and the
number of files, of 32 bits each, and the number of bytes, of 64. All are little-endian.
"""

import struct
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import MAXYEAR, MINYEAR
from typing import NamedTuple

HABIT = struct.Struct("<IiI")
TAKING = struct.Struct("<iIq")

MONTHS = 12
HOURS = frozenset(map(str, range(24)))


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


def is_readable(habits: object, takings: object, values: Sequence[tuple[str, str]]) -> bool:
    """Whether what the catalog has of a user can be told; it can be edited, or damaged.

    `values` are the kinds and values of the file, by their numbers.
    """
    if not isinstance(habits, bytes) or not isinstance(takings, bytes):
        return False
    if len(habits) % HABIT.size or len(takings) % TAKING.size:
        return False
    numbers, months, days = _columns_of(habits)
    if max(numbers, default=-1) >= len(values):
        return False
    # A few thousand different ones, of hundreds of thousands of habits.
    if not all(_are_days(*each) for each in set(zip(months, days, strict=True))):
        return False
    return all(files >= 0 and size >= 0 for _, files, size in TAKING.iter_unpack(takings))


def values_of(rows: Iterable[tuple[int, bytes, bytes]]) -> list[tuple[str, str]] | None:
    """The kinds and values of a file by their numbers, in order; None if they cannot be told."""
    found = list[tuple[str, str]]()
    for number, kind, value in rows:
        try:
            each = kind.decode(), value.decode()
        except (AttributeError, UnicodeDecodeError):
            return None
        if number != len(found) or (each[0] == "hour" and each[1] not in HOURS):
            return None
        found.append(each)
    return found


def _columns_of(habits: bytes) -> tuple[Sequence[int], ...]:
    found = struct.unpack("<" + "IiI" * (len(habits) // HABIT.size), habits)
    return found[0::3], found[1::3], found[2::3]


def _are_days(month: int, days: int) -> bool:
    year, place = divmod(month, MONTHS)
    return MINYEAR <= year <= MAXYEAR and days >> monthrange(year, place + 1)[1] == 0
