"""When a retention run needs a person's confirmation: an implausible clock, or too much to remove.

A clock that jumps to 2038 would remove everything at once, and so would a retention setting with a
digit missing. Removed rows cannot be recovered, so a person must confirm that this is intended.
"""

from dataclasses import dataclass

from store.errors import RetentionRefused
from store.retention.clock import Doubt

# One part in so many needs no confirmation: a month of a year does not, a whole store does.
PARTS_MIN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a person confirmed: the clock, and the exact number of rows to remove."""

    clock_is_right: bool = False
    count: int | None = None


NONE = Confirmation()


def clock_doubt(why: Doubt) -> str:
    """How a run that waits for the clock is refused."""
    return f"{why.text}; if the clock is right, confirm it with --clock-is-right"


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
