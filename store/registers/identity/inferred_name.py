"""Pairs of names that follow from logins, as a value.

A question reads them, so this file does not load SQLAlchemy; inferred_names.py writes them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# The service judges at least hourly. A register of this age is made anew before a question, if
# anything was received since.
AGE_MAX = timedelta(hours=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class InferredName:
    """A login name and a request name of one person.

    `agreeing` arrivals, from the first login to the last, at `addresses` places; so many are
    `against` it.
    """

    login_name: str
    request_name: str
    agreeing: int
    against: int
    addresses: int
    first_login: datetime
    last_login: datetime

    def other(self, name: str) -> str | None:
        """The other name, if one of them is exactly this name.

        Another spelling may be somebody else's: on a host without Access anybody can send it.
        """
        if self.login_name == name:
            return self.request_name
        return self.login_name if self.request_name == name else None


@dataclass(frozen=True, slots=True)
class Inference:
    """All pairs that a store proved up to a ledger entry; `judged_at` None if it was never judged."""

    pairs: tuple[InferredName, ...] = ()
    judged_at: datetime | None = None
    sequence: int = 0

    def of(self, name: str) -> Iterator[tuple[str, InferredName]]:
        """The names that were inferred for this one, each with its pair. Never by a third name."""
        for pair in self.pairs:
            if (other := pair.other(name)) is not None:
                yield other, pair

    def is_due(self, now: datetime, sequence: int) -> bool:
        """Whether to judge again before a question, in a store whose newest entry is `sequence`."""
        if self.judged_at is None:
            return True
        return sequence != self.sequence and not timedelta() <= now - self.judged_at < AGE_MAX


NEVER_JUDGED = Inference()
