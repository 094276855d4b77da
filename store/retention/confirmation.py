"""When a retention run needs a person's confirmation: an implausible clock, or too much to remove.

A clock that jumps to 2038 would remove everything at once, and so would a retention setting with a
digit missing. Removed rows cannot be recovered, so a person must confirm that this is intended.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from store import timestamps
from store.catalog import ledger
from store.catalog.tables import batches, entries
from store.errors import RetentionRefused
from store.timestamps import Clock

# A store that received nothing for so long has stopped receiving, or its clock has jumped; the
# clock alone cannot tell which.
SILENCE_MAX = timedelta(hours=48)

# One part in so many needs no confirmation: a month of a year does not, a whole store does.
PARTS_MIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a person confirmed: the clock, and the exact number of rows to remove."""

    clock_is_right: bool = False
    count: int | None = None


NONE = Confirmation()


def clock_doubt(connection: Connection, clock: Clock) -> str | None:
    """Why the clock may be wrong; None if it agrees with the ledger.

    Only received batches count: entries that we write ourselves agree with any clock.
    """
    newest = ledger.newest(connection)
    received = select(func.max(batches.c.sequence)).scalar_subquery()
    heard = connection.scalar(select(entries.c.recorded_at).where(entries.c.sequence == received))
    now = clock()  # After the queries, since receivers go on writing.
    if newest is not None and now < timestamps.from_text(newest.recorded_at):
        doubt = f"is before {newest.recorded_at}, when the newest ledger entry was written"
    elif heard is not None and now > timestamps.from_text(heard) + SILENCE_MAX:
        hours = SILENCE_MAX // timedelta(hours=1)
        doubt = f"is more than {hours} hours after {heard}, when the last batch was received"
    else:
        return None
    return (
        f"the clock says {timestamps.to_text(now)}, which {doubt};"
        " if the clock is right, confirm it with --clock-is-right"
    )


def demand(count: int, doubts: tuple[str, ...], given: Confirmation) -> None:
    """RetentionRefused unless everything that needs a confirmation has one."""
    if given.count is not None and given.count != count:
        raise RetentionRefused(
            f"--yes-remove={given.count} is not the number to be removed now: {count}"
        )
    if doubts:
        raise RetentionRefused("; ".join(doubts))


def share_doubt(what: str, going: int, there: int) -> str | None:
    """Why the number needs a confirmation; None if it does not."""
    if going * PARTS_MIN <= there:
        return None
    return f"{going:,} of {there:,} {what} would be removed, more than {100 // PARTS_MIN} %"
