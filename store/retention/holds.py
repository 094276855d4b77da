"""Legal holds: rows that fit one outlive retention and erasure until somebody releases it.

The ledger is for ever, so it tells of a hold only its id, its reason and digests of what it asks
for; the catalog's table has the names, and `listed` shows released holds too.

| a hold by        | holds a row of a dataset                  | holds a rejected line               |
|------------------|-------------------------------------------|-------------------------------------|
| `user`           | whose `user_id` is exactly that           | never: nobody knows whose it is     |
| `host`           | of that host, as `HOSTS` tells            | never, for the same reason          |
| `since`, `until` | by `event_time`; not one without a time   | by `received_at`, if nothing else is asked for |

All that a hold asks for must fit, so a dataset without the column for it has no row that does.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert, select, update

from store import timestamps
from store.catalog import ledger
from store.catalog.tables import entries
from store.catalog.tables import holds as table_of_holds
from store.errors import HoldRefused, RewriteRefused
from store.timestamps import Clock

# An id names one hold in a ledger that is for ever.
ID_BYTES = 8

_PORT = ":[0-9]+$"
_SCHEME = "(?i)^https?://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What a hold asks for; None asks for nothing. Times are UTC, and `until` is exclusive."""

    user: str | None = None
    host: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def told(self) -> dict[str, str]:
        """What is asked for, by name, as the catalog has it."""
        given = {
            "user": self.user,
            "host": host_name(self.host.strip()) if self.host is not None else None,
            "since": timestamps.to_text(self.since) if self.since else None,
            "until": timestamps.to_text(self.until) if self.until else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Criteria):
    """One hold; it is active until it has a `released_at`."""

    id: str
    reason: str
    placed_at: datetime
    released_at: datetime | None = None
    release_reason: str | None = None


def place(connection: Connection, clock: Clock, criteria: Criteria, reason: str) -> Hold:
    """Place a hold and chain it. The caller holds the write lock and commits."""
    asked = criteria.told()
    if not any(asked.values()):
        raise HoldRefused("a hold needs a user, a host, or a time since or until")
    if not reason.strip():
        raise HoldRefused("a hold needs a reason")
    hold_id, now = secrets.token_hex(ID_BYTES), clock()
    facts = {
        "id": hold_id,
        "reason": reason,
        "criteria": {name: digest(hold_id, name, value) for name, value in asked.items()},
    }
    sequence = ledger.append(connection, "hold", now, facts).sequence
    row = {"id": hold_id, "reason": reason, "placed_sequence": sequence, **asked}
    connection.execute(insert(table_of_holds).values(row))
    return _one(connection, hold_id)


def release(connection: Connection, clock: Clock, hold_id: str, reason: str) -> Hold:
    """Release a hold and chain that. The caller holds the write lock and commits."""
    found = _one(connection, hold_id)
    if found.released_at is not None:
        raise HoldRefused(f"hold {hold_id} was released at {timestamps.to_text(found.released_at)}")
    if not reason.strip():
        raise HoldRefused("a release needs a reason")
    facts = {"id": hold_id, "reason": reason}
    sequence = ledger.append(connection, "released", clock(), facts).sequence
    connection.execute(
        update(table_of_holds)
        .where(table_of_holds.c.id == hold_id)
        .values(released_sequence=sequence, release_reason=reason)
    )
    return _one(connection, hold_id)


def active(connection: Connection) -> tuple[Hold, ...]:
    """The holds that hold rows now, the oldest first."""
    return tuple(hold for hold in listed(connection) if hold.released_at is None)


def listed(connection: Connection) -> tuple[Hold, ...]:
    """Every hold there ever was, the oldest first."""
    placed, released = entries.alias("placed"), entries.alias("released")
    query = (
        select(
            table_of_holds,
            placed.c.recorded_at.label("placed_at"),
            released.c.recorded_at.label("released_at"),
        )
        .join(placed, placed.c.sequence == table_of_holds.c.placed_sequence)
        .outerjoin(released, released.c.sequence == table_of_holds.c.released_sequence)
        .order_by(table_of_holds.c.placed_sequence)
    )
    return tuple(_hold(row) for row in connection.execute(query).mappings())


def demand_same(connection: Connection, read: Sequence[Hold]) -> None:
    """What is about to be removed was chosen by these holds: no other may be active by now."""
    if active(connection) != tuple(read):
        raise RewriteRefused("a hold was placed or released meanwhile; nothing changed, try again")


def digest(hold_id: str, name: str, value: str) -> str:
    """What the ledger has in the place of a criterion. The id is in it, so that two holds on one
    person do not show that they are.
    """
    return hashlib.sha256(f"{hold_id}:{name}:{value}".encode()).hexdigest()


def host_name(host: str) -> str:
    """As queries/sql/definitions/host_name.sql has it: lower case, without a port."""
    return str(_host_names(pa.chunked_array([[host]]))[0])


def held(holds: Iterable[Hold], table: pa.Table) -> pa.ChunkedArray | None:
    """Which rows any of these holds holds, as a mask without NULL; None where there is no hold."""
    masks = [fitting(hold, table) for hold in holds]
    return reduce(pc.or_, masks) if masks else None


def fitting(hold: Criteria, table: pa.Table) -> pa.ChunkedArray:
    """Which rows fit everything the hold asks for, as a mask without NULL."""
    masks = [_all(table, True)]
    if hold.user is not None:
        masks.append(_users(table, hold.user))
    if hold.host is not None:
        masks.append(_hosts(table, hold.host))
    if hold.since is not None or hold.until is not None:
        masks += _times(table, hold.since, hold.until)
    return reduce(pc.and_, [mask.fill_null(False) for mask in masks])


def _users(table: pa.Table, user: str) -> pa.ChunkedArray:
    if "user_id" not in table.column_names:
        return _all(table, False)
    return pc.equal(_texts(table["user_id"]), user)


def _hosts(table: pa.Table, host: str) -> pa.ChunkedArray:
    masks = [
        pc.equal(_host_names(host_of(_texts(table[name]))), host).fill_null(False)
        for name, host_of in HOSTS.items()
        if name in table.column_names
    ]
    return reduce(pc.or_, masks, _all(table, False))


def _times(
    table: pa.Table, since: datetime | None, until: datetime | None
) -> list[pa.ChunkedArray]:
    """Rejected lines have no time of their own, so that of their receipt counts."""
    name = "event_time" if "event_time" in table.column_names else "received_at"
    times = table[name]
    masks = []
    if since is not None:
        masks.append(pc.greater_equal(times, pa.scalar(since, times.type)))
    if until is not None:
        masks.append(pc.less(times, pa.scalar(until, times.type)))
    return masks


def _host_names(hosts: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(pc.utf8_lower(hosts), _PORT, "")


def _as_sent(hosts: pa.ChunkedArray) -> pa.ChunkedArray:
    return hosts


def _of_domain(domains: pa.ChunkedArray) -> pa.ChunkedArray:
    """An Access application's domain may have a path behind it, and a scheme in front."""
    bare = pc.replace_substring_regex(pc.utf8_trim_whitespace(domains), _SCHEME, "")
    return pc.replace_substring_regex(bare, "(?s)/.*", "")


# Which columns tell a row's host, and how; a row fits by any of them.
HOSTS: dict[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    "ClientRequestHost": _as_sent,
    "HTTPHost": _as_sent,
    "AppDomain": _of_domain,
}

# All that `held` may look at; a file is read for these alone.
TIMES = ("event_time", "received_at")
COLUMNS = ("user_id", *HOSTS, *TIMES)


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A merge has texts that repeat as dictionaries."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _all(table: pa.Table, value: bool) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value), table.num_rows)])


def _one(connection: Connection, hold_id: str) -> Hold:
    found = next((hold for hold in listed(connection) if hold.id == hold_id), None)
    if found is None:
        raise HoldRefused(f"there is no hold {hold_id!r}; `raytrail hold list` has them all")
    return found


def _hold(row: Any) -> Hold:
    times = {
        name: timestamps.from_text(row[name]) if row[name] else None
        for name in ("since", "until", "released_at")
    }
    return Hold(
        id=row["id"],
        user=row["user"],
        host=row["host"],
        reason=row["reason"],
        placed_at=timestamps.from_text(row["placed_at"]),
        release_reason=row["release_reason"],
        **times,
    )
