"""Legal holds: matching rows are exempt from retention and erasure until the hold is released.

The ledger is kept for ever, so it has only a hold's id, its reason and digests of its criteria. The
names are in the catalog's table, which keeps released holds too, and in a file of each hold
(hold_files.py), so that they outlive the catalog.

| criterion        | matches a row                          | matches a rejected line               |
|------------------|----------------------------------------|---------------------------------------|
| `user`           | with this `user_id`, in any spelling that `store/names.py` folds into the same; exactly this one if `is_exact` | never: its user is not known |
| `host`           | with this host in a column of `HOSTS`  | never: its host is not known          |
| `since`, `until` | by `event_time`, which must be known   | by `received_at`, if it is the only criterion |

A row must match all criteria, so a dataset without the column has no matching row.
Holds of versions before `is_exact` are exact, as they were placed.
"""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, insert, update

from store import timestamps
from store.catalog import ledger
from store.catalog.tables import holds as table_of_holds
from store.errors import HoldRefused, RewriteRefused
from store.files.layout import Layout
from store.retention import criteria_masks, hold_files
from store.timestamps import Clock

# Random ids of this length stay unique in a ledger that is kept for ever.
ID_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """Which rows a hold matches; None matches all. Times are UTC, and `until` is exclusive."""

    user: str | None = None
    host: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    # Whether other spellings of the user are somebody else's.
    is_exact: bool = False

    def as_columns(self) -> dict[str, str]:
        """The criteria that are set, by column of the catalog's table."""
        given = {
            "user": self.user,
            "host": criteria_masks.host_name(self.host.strip()) if self.host is not None else None,
            "since": timestamps.to_text(self.since) if self.since else None,
            "until": timestamps.to_text(self.until) if self.until else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Criteria):
    """A hold is active until it has a `released_at`."""

    id: str
    reason: str
    placed_at: datetime
    released_at: datetime | None = None
    release_reason: str | None = None


def place(
    connection: Connection, layout: Layout, clock: Clock, criteria: Criteria, reason: str
) -> Hold:
    """Place a hold and enter it in the ledger. The caller holds the write lock and commits.

    The file with its criteria is on disk before the entry can be.
    """
    demand_complete(criteria, reason)
    asked = criteria.as_columns()
    hold_id, now = secrets.token_hex(ID_BYTES), clock()
    facts = {
        "id": hold_id,
        "reason": reason,
        "criteria": {name: digest(hold_id, name, value) for name, value in asked.items()},
        "is_exact": criteria.is_exact,
    }
    sequence = ledger.append(connection, "hold", now, facts).sequence
    row = {"id": hold_id, "reason": reason, "placed_sequence": sequence, **asked}
    row["is_exact"] = criteria.is_exact
    connection.execute(insert(table_of_holds).values(row))
    hold_files.write_missing(layout, connection)
    return _one(connection, hold_id)


def demand_complete(criteria: Criteria, reason: str) -> None:
    """HoldRefused unless there is a condition and a reason."""
    if not any(criteria.as_columns().values()):
        raise HoldRefused("a hold needs at least one of user, host, since and until")
    if not reason.strip():
        raise HoldRefused("a hold needs a reason")


def release(connection: Connection, clock: Clock, hold_id: str, reason: str) -> Hold:
    """Release a hold and enter it in the ledger. The caller holds the write lock and commits."""
    found = _one(connection, hold_id)
    if found.released_at is not None:
        raise HoldRefused(f"hold {hold_id} was released at {timestamps.to_text(found.released_at)}")
    if not reason.strip():
        raise HoldRefused("a release needs a reason")
    entry = ledger.append(connection, "released", clock(), {"id": hold_id, "reason": reason})
    connection.execute(
        update(table_of_holds)
        .where(table_of_holds.c.id == hold_id)
        .values(released_sequence=entry.sequence, release_reason=reason)
    )
    return _one(connection, hold_id)


def active(connection: Connection) -> tuple[Hold, ...]:
    """The holds that are not released, oldest first."""
    return tuple(hold for hold in list_all(connection) if hold.released_at is None)


def list_all(connection: Connection) -> tuple[Hold, ...]:
    """Every hold, released ones too, oldest first."""
    return tuple(map(_hold, hold_files.rows(connection)))


def demand_unchanged(connection: Connection, read: Sequence[Hold]) -> None:
    """RewriteRefused unless exactly these holds, which a removal was planned with, are active."""
    if active(connection) != tuple(read):
        raise RewriteRefused("a hold was placed or released meanwhile; nothing changed, try again")


def digest(hold_id: str, name: str, value: str) -> str:
    """What the ledger stores of a criterion. The id is included so that two holds on one person
    have different digests.
    """
    return hashlib.sha256(f"{hold_id}:{name}:{value}".encode()).hexdigest()


def held_mask(holds: Iterable[Hold], table: pa.Table) -> pa.ChunkedArray | None:
    """The rows that match any of these holds, as a mask without NULL; None if there is no hold."""
    masks = [matching(hold, table) for hold in holds]
    return reduce(pc.or_, masks) if masks else None


def matching(hold: Criteria, table: pa.Table) -> pa.ChunkedArray:
    """The rows that match all criteria of a hold, as a mask without NULL."""
    masks = [criteria_masks.every(table, True)]
    if hold.user is not None:
        masks.append(criteria_masks.of_user(table, hold.user, is_exact=hold.is_exact))
    if hold.host is not None:
        masks.append(criteria_masks.of_host(table, hold.host))
    if hold.since is not None or hold.until is not None:
        masks += criteria_masks.of_times(table, hold.since, hold.until)
    return reduce(pc.and_, [mask.fill_null(False) for mask in masks])


def _one(connection: Connection, hold_id: str) -> Hold:
    found = next((hold for hold in list_all(connection) if hold.id == hold_id), None)
    if found is None:
        raise HoldRefused(f"there is no hold {hold_id!r}; `raytrail hold list` lists all holds")
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
        is_exact=row["is_exact"],
        reason=row["reason"],
        placed_at=timestamps.from_text(row["placed_at"]),
        release_reason=row["release_reason"],
        **times,
    )
