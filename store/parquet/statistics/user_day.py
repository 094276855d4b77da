"""What is counted of the users of a file, as values: a receiver knows them, and loads no Arrow."""

from typing import NamedTuple

# The day of rows without a time, which no calendar has.
NO_DAY = -(2**31)


class UserDay(NamedTuple):
    """Rows of one user on one UTC day, counted from 1970-01-01; times in microseconds since then."""

    user: str
    day: int
    rows: int
    first_us: int | None
    last_us: int | None


# In order of user and day; None for a file that is past a limit.
UserDays = tuple[UserDay, ...] | None
