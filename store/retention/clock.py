"""Whether this machine's clock is right, as far as the store knows; retention waits while it is not.

The table `clock` has one row: when the clock was last found right, and the uptime at that moment.
Until the next boot, the uptime tells what the clock should say. After a boot nothing does, so the
clock is doubted after a time without any ledger entry: either the machine was off for as long, or
the clock has jumped. The row stays as it is while there is a doubt, until the clock agrees again or
a person confirms it with `raytrail retain --clock-is-right`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import Connection, delete, func, insert, select

from store import timestamps
from store.catalog import ledger
from store.catalog.catalog import Catalog
from store.catalog.tables import clock as table
from store.catalog.tables import entries
from store.uptime import Uptime

# A clock may drift or be corrected by so much without effect on limits of whole days.
STEP_MAX = timedelta(hours=1)

# A machine may be off for a night and a day. What was removed too early cannot be recovered.
SILENCE_MAX = timedelta(hours=48)

# How often the row is written while all is well; after a boot, the time since then is not known.
WRITE_EVERY = timedelta(minutes=10)

# The kind of the entries that a person's confirmations make.
KIND = "clock"

# Why the clock is doubted: it differs from the uptime, it is ahead of the entries, or behind them.
STEP, SILENCE, BEHIND = "step", "silence", "behind"


@dataclass(frozen=True, slots=True)
class Doubt:
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRight:
    """The clock was right at `at`, and the entries up to `sequence` were written before."""

    at: datetime
    uptime: Uptime | None
    sequence: int
    # Noticed since then, and neither over nor confirmed.
    doubt: Doubt | None = None

    def elapsed(self, uptime: Uptime | None) -> timedelta | None:
        """The time since `at`; None if the machine was booted since, or that is not known."""
        if uptime is None or self.uptime is None or uptime.boot != self.uptime.boot:
            return None
        return timedelta(seconds=uptime.seconds - self.uptime.seconds)


def known_right(connection: Connection) -> KnownRight | None:
    """None for a store that was never looked at."""
    row = connection.execute(select(table)).mappings().first()
    if row is None:
        return None
    return KnownRight(
        at=timestamps.from_text(row["right_at"]),
        uptime=Uptime(row["boot"], row["uptime"]) if row["boot"] else None,
        sequence=row["sequence"],
        doubt=Doubt(row["doubt"], row["why"]) if row["doubt"] else None,
    )


def doubt(connection: Connection, now: datetime, uptime: Uptime | None) -> Doubt | None:
    """Why the clock may be wrong; None if all that is known agrees with it."""
    known = known_right(connection)
    elapsed = known.elapsed(uptime) if known else None
    if known and elapsed is not None:
        step = now - (known.at + elapsed)
        return _step(now, step) if abs(step) > STEP_MAX else None
    newest = ledger.newest(connection)
    if newest is not None and now < timestamps.from_text(newest.recorded_at) - STEP_MAX:
        return _behind(now, newest.recorded_at)
    if known and known.doubt and known.doubt.kind == STEP:
        return known.doubt  # A boot since then proves nothing.
    return _silence(connection, now, known)


def look(catalog: Catalog, now: datetime, uptime: Uptime | None) -> Doubt | None:
    """Judge the clock, and note the result for `/health`, `status` and `doctor`."""
    with catalog.read() as connection:
        known, found = known_right(connection), doubt(connection, now, uptime)
    if _is_noted(known, found, now, uptime):
        return found
    with catalog.write() as connection:
        if found is None:
            _write(connection, _right(connection, now, uptime))
        else:
            _write(connection, replace(known or _first(connection), doubt=found))
    return found


def confirm(connection: Connection, now: datetime, uptime: Uptime | None, why: Doubt) -> None:
    """Enter in the ledger that a person found the clock right in spite of a doubt.

    The caller holds the catalog's write lock, and commits.
    """
    ledger.append(connection, KIND, now, {"confirmed": timestamps.to_text(now), "why": why.text})
    _write(connection, _right(connection, now, uptime))


def _is_noted(
    known: KnownRight | None, found: Doubt | None, now: datetime, uptime: Uptime | None
) -> bool:
    if known is None:
        return False
    if found is not None:
        return known.doubt is not None and known.doubt.kind == found.kind
    is_of_this_boot = known.elapsed(uptime) is not None
    return known.doubt is None and is_of_this_boot and abs(now - known.at) < WRITE_EVERY


def _right(connection: Connection, now: datetime, uptime: Uptime | None) -> KnownRight:
    return KnownRight(at=now, uptime=uptime, sequence=ledger.sequence(connection))


def _first(connection: Connection) -> KnownRight:
    """Of a store that was never looked at: its oldest entry, with all others still to be judged."""
    oldest = select(func.min(entries.c.recorded_at))
    return KnownRight(
        at=timestamps.from_text(connection.execute(oldest).scalar_one()), uptime=None, sequence=0
    )


def _write(connection: Connection, known: KnownRight) -> None:
    connection.execute(delete(table))
    row = {
        "right_at": timestamps.to_text(known.at),
        "boot": known.uptime.boot if known.uptime else "",
        "uptime": known.uptime.seconds if known.uptime else 0.0,
        "sequence": known.sequence,
        "doubt": known.doubt.kind if known.doubt else "",
        "why": known.doubt.text if known.doubt else "",
    }
    connection.execute(insert(table), row)


def _step(now: datetime, step: timedelta) -> Doubt:
    hours, minutes = divmod(abs(step) // timedelta(minutes=1), 60)
    way = "ahead" if step > timedelta() else "back"
    jump = f"has jumped {way} by {hours:,} h {minutes} min against the time since the last boot"
    return _told(STEP, now, jump)


def _behind(now: datetime, newest: str) -> Doubt:
    return _told(BEHIND, now, f"is before {newest}, when the newest ledger entry was written")


def _silence(connection: Connection, now: datetime, known: KnownRight | None) -> Doubt | None:
    """A gap between the times of the entries up to now that no uptime covers."""
    known = known or _confirmed(connection)
    if known is not None and abs(now - known.at) <= SILENCE_MAX:
        return None
    if known is not None and known.doubt is not None and known.doubt.kind == SILENCE:
        return known.doubt
    query = select(entries.c.recorded_at).where(
        entries.c.sequence > (known.sequence if known else 0),
        entries.c.recorded_at <= timestamps.to_text(now),
    )
    times = map(timestamps.from_text, connection.scalars(query.order_by(entries.c.recorded_at)))
    for before, after in pairwise((*([known.at] if known else ()), *times, now)):
        if after - before > SILENCE_MAX:
            hours = SILENCE_MAX // timedelta(hours=1)
            jump = f"was reached more than {hours} hours after {timestamps.to_text(before)} without"
            return _told(SILENCE, now, f"{jump} any ledger entry between")
    return None


def _confirmed(connection: Connection) -> KnownRight | None:
    """What the ledger tells of a store whose catalog was made again."""
    newest = select(func.max(entries.c.sequence)).where(entries.c.kind == KIND)
    query = select(entries.c.sequence, entries.c.recorded_at)
    row = connection.execute(query.where(entries.c.sequence == newest.scalar_subquery())).first()
    if row is None:
        return None
    at = timestamps.from_text(row.recorded_at)
    return KnownRight(at=at, uptime=None, sequence=row.sequence)


def _told(kind: str, now: datetime, what: str) -> Doubt:
    return Doubt(kind, f"the clock says {timestamps.to_text(now)}, which {what}")
