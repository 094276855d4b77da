"""How long rows and raw bodies are kept, in whole days; None keeps them for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

# A century. Larger numbers of days lead past the end of the calendar.
DAYS_MAX = 36_500

# Raw bodies take most of the disk, and are replayed mostly while they are young.
RAW_DAYS = 30

# For how long after an erasure older records of that person are not loaded. What a sender or a
# person sends again is rarely older than the raw bodies that the store keeps itself.
KEEP_OUT_DAYS = RAW_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """`datasets` has limits of single datasets (and of `rejected`); `others` is for all others."""

    raw: int | None = RAW_DAYS
    others: int | None = None
    datasets: Mapping[str, int | None] = field(default_factory=dict)

    def of(self, dataset: str) -> int | None:
        return self.datasets.get(dataset, self.others)


def cutoff(now: datetime, days: int | None) -> datetime | None:
    """Older rows have expired. Always the start of a day, so that whole days expire."""
    if days is None:
        return None
    return datetime.combine((now - timedelta(days=days)).date(), time.min)
