"""One round of the scrub, as a value that questions read without SQLAlchemy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from store import timestamps


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrubRound:
    """`files` and `bytes` were read so far, in the order of their paths, up to `after_path`.

    `unreadable` files could not be read for a reason that is no damage, such as a missing
    permission. `catalog_problem` is what SQLite found wrong in the catalog, or empty.
    """

    number: int
    started_at: datetime
    ended_at: datetime | None = None
    after_path: str = ""
    files: int = 0
    bytes: int = 0
    unreadable: int = 0
    catalog_problem: str = ""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        ended_at = row["ended_at"]
        times = {
            "started_at": timestamps.from_text(row["started_at"]),
            "ended_at": timestamps.from_text(ended_at) if ended_at else None,
        }
        return cls(**{**row, **times})
