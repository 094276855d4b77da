"""How long rows and raw bodies are kept, in whole days; None is for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

# A century; whoever wants more means for ever, and a sum of days past the calendar is no date.
DAYS_MAX = 36_500

# A raw body is worth a second decoding for a while, and takes most of the room.
RAW_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """`datasets` has the datasets (and `rejected`) with a limit of their own, `others` all others'."""

    raw: int | None = RAW_DAYS
    others: int | None = None
    datasets: Mapping[str, int | None] = field(default_factory=dict)

    def of(self, dataset: str) -> int | None:
        return self.datasets.get(dataset, self.others)


def cutoff(now: datetime, days: int | None) -> datetime | None:
    """What is older has outlived its days: always the start of a day, so that days go whole."""
    if days is None:
        return None
    return datetime.combine((now - timedelta(days=days)).date(), time.min)
