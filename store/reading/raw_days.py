"""Folders of `raw/` whose day does not fit the ledger, such as `1970-01-02` or `2037-11-11`.

A clock that was wrong for a while leaves them. The bodies in them are whole, but retention counts
their age from that day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, select

from store import timestamps
from store.catalog.tables import batches, entries
from store.files.layout import Layout

# A folder is made before the first entry of its day, and midnight may lie between.
DAYS_APART_MAX = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WrongDay:
    """A folder, how many bodies it has, and when its batches were received by the ledger's order."""

    day: str
    bodies: int
    received: str | None


def wrong_days(connection: Connection, layout: Layout, today: date) -> Iterator[WrongDay]:
    for folder in sorted(layout.raw.iterdir()):
        try:
            day = date.fromisoformat(folder.name)
        except ValueError:
            continue
        received = _received(connection, layout.relative(folder))
        if received is None:
            # A day with refused uploads only has a folder and no entry.
            first = _day_of(connection, 1) or today
            is_wrong = not first - DAYS_APART_MAX <= day <= today + DAYS_APART_MAX
        else:
            before, after = received
            is_early = before is not None and day < before - DAYS_APART_MAX
            is_wrong = is_early or day > (after or today) + DAYS_APART_MAX
        if is_wrong:
            known = received and (received[1] or received[0])
            yield WrongDay(folder.name, _bodies(folder), str(known) if known else None)


def _received(connection: Connection, folder: str) -> tuple[date | None, date | None] | None:
    """The days of the entries before and after those of its batches; None without any batch."""
    # "0" follows "/": everything in this folder, by the index.
    inside = batches.c.raw_path.between(f"{folder}/", f"{folder}0")
    ends = select(func.min(batches.c.sequence), func.max(batches.c.sequence)).where(inside)
    first, last = connection.execute(ends).one()
    if first is None:
        return None
    return _day_of(connection, first - 1), _day_of(connection, last + 1)


def _day_of(connection: Connection, sequence: int) -> date | None:
    query = select(entries.c.recorded_at).where(entries.c.sequence == sequence)
    text = connection.scalar(query)
    return timestamps.from_text(text).date() if text else None


def _bodies(folder: Path) -> int:
    return sum(1 for path in folder.iterdir() if path.suffix == ".gz")
