"""`raytrail hold`: adds, lists and releases legal holds, and prints them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from queries.escape import for_terminal
from queries.period import parse_period
from store import timestamps
from store.retention import holds
from store.retention.holds import Criteria, Hold
from store.store import Store


def criteria(*, user: str, host: str, since: str, until: str) -> Criteria:
    """The options as a value; QueryRefused names the accepted forms of a time."""
    period = parse_period(since, until)
    return Criteria(user=user or None, host=host or None, since=period.since, until=period.until)


def add(store: Store, wanted: Criteria, reason: str) -> Hold:
    with store.catalog.write() as connection:
        return holds.place(connection, store.layout, store.clock, wanted, reason)


def release(store: Store, hold_id: str, reason: str) -> Hold:
    with store.catalog.write() as connection:
        return holds.release(connection, store.clock, hold_id, reason)


def listed(store: Store) -> tuple[Hold, ...]:
    with store.catalog.read() as connection:
        return holds.list_all(connection)


def as_object(hold: Hold) -> dict[str, Any]:
    return {
        "id": hold.id,
        "user": hold.user,
        "host": hold.host,
        "since": _text(hold.since),
        "until": _text(hold.until),
        "reason": hold.reason,
        "placed_at": _text(hold.placed_at),
        "released_at": _text(hold.released_at),
        "release_reason": hold.release_reason,
    }


def lines(found: tuple[Hold, ...]) -> Iterator[str]:
    """The active holds, then the released ones; a reason may contain any text, so it is escaped."""
    if not found:
        yield "no holds"
    for hold in sorted(found, key=lambda each: each.released_at is not None):
        asked = ", ".join(
            f"{name} {for_terminal(value)}" for name, value in hold.as_columns().items()
        )
        yield f"{hold.id}  {asked}"
        yield f"    placed {_text(hold.placed_at)}: {for_terminal(hold.reason)}"
        if hold.released_at is not None:
            why = for_terminal(hold.release_reason or "")
            yield f"    released {_text(hold.released_at)}: {why}"


def _text(time: datetime | None) -> str | None:
    return timestamps.to_text(time) if time else None
