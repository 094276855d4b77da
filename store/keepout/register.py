"""The keep-outs that are in force: whose records are not loaded, until when. No name is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from store import timestamps
from store.catalog.register_tables import excluded_records, keep_outs
from store.catalog.tables import clock
from store.keepout.digest import matching_digest, matching_salt

# A clock that has jumped ahead ends no term: what counts is when it was last found right, if that is
# known. See store/retention/clock.py.
_LAST_RIGHT = select(clock.c.right_at).where(clock.c.right_at < bindparam("now"))
_TRUSTED = func.coalesce(_LAST_RIGHT.scalar_subquery(), bindparam("now"))

# Built once: each load asks twice, and building a statement takes as long as its answer.
_IN_FORCE = (
    select(keep_outs)
    .where(keep_outs.c.until > _TRUSTED)
    .order_by(keep_outs.c.erasure, keep_outs.c.digest)
)


@dataclass(frozen=True, slots=True)
class KeepOut:
    """Records of the person with this digest from `before` this time are not loaded."""

    erasure: int
    salt: bytes
    digest: str
    before: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOutState:
    """What was kept out so far, and how many erasures keep records out until when at the latest."""

    records: int
    rejected_lines: int
    erasures: int
    until: str | None


def facts(
    receipt_salt: bytes, users: Iterable[str], days: int, now: datetime
) -> dict[str, Any] | None:
    """What the ledger entry of an erasure says of its keep-out; None for none."""
    if not days:
        return None
    salt = matching_salt(receipt_salt)
    return {
        "salt": salt.hex(),
        "digests": sorted(matching_digest(salt, user) for user in users),
        "before": timestamps.to_text(now),
        "until": timestamps.to_text(now + timedelta(days=days)),
    }


def add(connection: Connection, erasure: int, told: Mapping[str, Any] | None) -> None:
    """Begin the keep-out that the entry of an erasure tells of. The caller holds the write lock."""
    if not told:
        return
    common = {name: told[name] for name in ("salt", "before", "until")}
    rows = [{"erasure": erasure, "digest": digest, **common} for digest in told["digests"]]
    connection.execute(insert(keep_outs), rows)


def in_force(connection: Connection, now: datetime) -> tuple[KeepOut, ...]:
    rows = connection.execute(_IN_FORCE, {"now": timestamps.to_text(now)})
    return tuple(
        KeepOut(
            erasure=row.erasure,
            salt=bytes.fromhex(row.salt),
            digest=row.digest,
            before=timestamps.from_text(row.before),
            until=timestamps.from_text(row.until),
        )
        for row in rows
    )


def until(connection: Connection, erasure: int) -> str | None:
    """When the keep-out of this erasure ends; None without one."""
    query = select(keep_outs.c.until).where(keep_outs.c.erasure == erasure)
    return connection.scalars(query.limit(1)).one_or_none()


def is_over(connection: Connection, now: datetime) -> bool:
    """Whether a keep-out is past its term."""
    query = select(func.count()).where(keep_outs.c.until <= _TRUSTED)
    return bool(connection.scalar(query, {"now": timestamps.to_text(now)}))


def expire(connection: Connection, now: datetime) -> None:
    """Forget the digests of keep-outs that are past their term. The caller holds the write lock."""
    over = delete(keep_outs).where(keep_outs.c.until <= _TRUSTED)
    connection.execute(over, {"now": timestamps.to_text(now)})


def state(connection: Connection, now: datetime) -> KeptOutState:
    total = func.coalesce(func.sum(excluded_records.c.records), 0)
    lines = func.coalesce(func.sum(excluded_records.c.rejected_lines), 0)
    records, rejected_lines = connection.execute(select(total, lines)).one()
    found = in_force(connection, now)
    return KeptOutState(
        records=records,
        rejected_lines=rejected_lines,
        erasures=len({each.erasure for each in found}),
        until=timestamps.to_text(max(each.until for each in found)) if found else None,
    )
