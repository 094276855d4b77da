"""What a removal needs before it may begin: a clock that can be true, and few rows or a word.

A clock that jumps to 2038 would let everything go at once, and so would a limit with a digit
too few. Nobody gets rows back, so both are refused until a person says that it is meant.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from store import timestamps
from store.catalog import ledger
from store.catalog.tables import batches, entries
from store.errors import RetentionRefused
from store.timestamps import Clock

# A store that nothing reached for so long has stopped receiving, or its clock has jumped: who
# removes by the clock alone cannot tell.
SILENCE_MAX = timedelta(hours=48)

# One part in so many may go without a word: a month's worth of a year, and no whole store.
PARTS_MIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person vouched for: the clock, and the exact number that goes."""

    clock_is_right: bool = False
    count: int | None = None


NONE = Consent()


def clock_doubt(connection: Connection, clock: Clock) -> str | None:
    """Why the clock cannot be relied on; None where it agrees with the ledger.

    Only what was received speaks for it: entries of our own hand would agree with any clock.
    """
    newest = ledger.newest(connection)
    received = select(func.max(batches.c.sequence)).scalar_subquery()
    heard = connection.scalar(select(entries.c.recorded_at).where(entries.c.sequence == received))
    now = clock()  # Not earlier: receivers go on writing.
    if newest is not None and now < timestamps.from_text(newest.recorded_at):
        doubt = f"is before {newest.recorded_at}, when the ledger was last written"
    elif heard is not None and now > timestamps.from_text(heard) + SILENCE_MAX:
        hours = SILENCE_MAX // timedelta(hours=1)
        doubt = f"is more than {hours} hours after {heard}, when the last batch came"
    else:
        return None
    return (
        f"the clock says {timestamps.to_text(now)}, which {doubt};"
        " if the clock is right, say so with --clock-is-right"
    )


def demand(count: int, doubts: tuple[str, ...], given: Consent) -> None:
    """RetentionRefused where somebody must have a word first, and what that would be."""
    if given.count is not None and given.count != count:
        raise RetentionRefused(
            f"--yes-remove={given.count} is not what would be removed now, which is {count}"
        )
    if doubts:
        raise RetentionRefused("; ".join(doubts))


def share_doubt(what: str, going: int, there: int) -> str | None:
    """Why so many are too many to go without a word; None where they are few."""
    if going * PARTS_MIN <= there:
        return None
    return f"{going:,} of {there:,} {what} would be removed, more than {100 // PARTS_MIN} %"
