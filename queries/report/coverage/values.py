"""The values of what is known about the completeness of a report. Times are UTC without a zone."""

from dataclasses import dataclass
from datetime import datetime

from queries.report.listing import Listing


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it is unknown whether that many hours are complete."""

    why: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """How many hours of a period are complete.

    `missing` is the lowest possible number of missing records in partial hours. `untold` hours
    were checked without a result; `unseen` hours were never checked.
    """

    total: int = 0
    complete: int = 0
    partial: int = 0
    missing: int = 0
    untold: int = 0
    unseen: int = 0
    reasons: tuple[Reason, ...] = ()


NO_HOURS = Hours()


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Hours in a row of which the same is known: "complete", "partial" or "unknown"."""

    since: datetime
    until: datetime
    known: str


NO_SPANS: Listing[Span] = Listing((), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The snapshot behind the report. A pending batch is stored but not in it yet.

    `hours` start at the period's start, or at its first request if it has no start. `left_out` has
    a sentence for each damaged file without which the report was made. `files_checked_at` is the end
    of the last round in which the service read every file against its hash. `recovered_batches` of
    this person were entered by recovery, when no sender was told that they are stored. `digest` is that
    of the newest entry of the ledger. `spans` are the hours again, the newest SPANS_KEPT of them.
    """

    sequence: int
    taken_at: datetime
    pending_batches: int
    lag_seconds: float
    hours: Hours = NO_HOURS
    spans: Listing[Span] = NO_SPANS
    left_out: tuple[str, ...] = ()
    files_checked_at: datetime | None = None
    damaged_files: int = 0
    recovered_batches: int = 0
    digest: str = ""
