"""What is counted of the users of a file, as values: a receiver knows them, and loads no Arrow."""

from typing import NamedTuple

# The day of rows without a time, which no calendar has.
NO_DAY = -(2**31)


class UserDay(NamedTuple):
    """Rows of one user on one UTC day, counted from 1970-01-01; times in microseconds since then.

    `first_row` is where they begin in the file, whose first row is 0, if they lie together: then they
    are the rows from there to `first_row + rows`. None where they do not, or where nobody counted it.
    """

    user: str
    day: int
    rows: int
    first_us: int | None
    last_us: int | None
    first_row: int | None = None


# In order of user and day; None for a file that is past a limit.
UserDays = tuple[UserDay, ...] | None
