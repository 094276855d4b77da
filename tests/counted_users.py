"""What the catalog counts of the users of live files, and the same counted by plain Python."""

from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import select

from store.catalog.tables import files
from store.catalog.users import user_days
from store.catalog.users.tables import user_names
from store.parquet.footer_check import mark_of
from store.parquet.statistics.user_day import NO_DAY, UserDay
from store.store import Store

Counted = dict[str, list[tuple[Any, ...]]]


def entered(store: Store) -> dict[str, int | None]:
    """The `users_number` of each live file."""
    query = select(files.c.path, files.c.users_number).where(files.c.retired_sequence.is_(None))
    with store.catalog.read() as connection:
        return {row.path: row.users_number for row in connection.execute(query)}


def counted(store: Store) -> Counted:
    """By file, as the catalog has it; files that are not counted are left out."""
    numbers = entered(store)
    with store.catalog.read() as connection:
        return {
            path: list(user_days.of_file(connection, number) or ())
            for path, number in numbers.items()
            if number is not None and number != user_days.UNCOUNTABLE
        }


def truth(store: Store) -> Counted:
    """By file, as its rows have it."""
    return {path: _days(store, path) for path in entered(store)}


def footers(store: Store) -> dict[str, tuple[int | None, str | None]]:
    """By live file, as the catalog has it."""
    column = files.c
    query = select(column.path, column.footer_bytes, column.footer_sha256)
    with store.catalog.read() as connection:
        rows = connection.execute(query.where(column.retired_sequence.is_(None)))
        return {row.path: (row.footer_bytes, row.footer_sha256) for row in rows}


def names(store: Store) -> set[str]:
    """Every name that the catalog has, also those of retired files."""
    with store.catalog.read() as connection:
        return set(connection.scalars(select(user_names.c.name)))


def demand_counted(store: Store) -> None:
    """Every live file is counted right, is known by its footer, and there is no name without a row."""
    assert counted(store) == truth(store)
    for path, told in footers(store).items():
        assert told == mark_of(store.layout.root / path) is not None
    with store.catalog.read() as connection:
        assert user_days.unused(connection) == 0


def _days(store: Store, path: str) -> list[tuple[Any, ...]]:
    file = store.layout.root / path
    if "user_id" not in pq.read_schema(file).names:
        return []
    table = pq.read_table(file, columns=["user_id", "event_time"], partitioning=None)
    times = defaultdict[tuple[str, int], list[int | None]](list)
    places = defaultdict[tuple[str, int], list[int]](list)
    rows = zip(table["user_id"].to_pylist(), table["event_time"].to_pylist(), strict=True)
    for place, (user, time) in enumerate(rows):
        if user is not None:
            times[user, _day(time)].append(_micros(time))
            places[user, _day(time)].append(place)
    return [
        UserDay(
            user,
            day,
            len(found),
            *_ends([us for us in found if us is not None]),
            _start(places[user, day]),
        )
        for (user, day), found in sorted(times.items())
    ]


def _start(places: list[int]) -> int | None:
    """The first of rows that lie together."""
    return places[0] if places == [*range(places[0], places[0] + len(places))] else None


def _day(time: datetime | None) -> int:
    return NO_DAY if time is None else (time.date() - date(1970, 1, 1)).days


def _micros(time: datetime | None) -> int | None:
    if time is None:
        return None
    since = time.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _ends(found: list[int]) -> tuple[int | None, int | None]:
    return min(found, default=None), max(found, default=None)
