"""Times as the catalog and the ledger write them: RFC 3339, UTC, always six digits."""

from collections.abc import Callable
from datetime import UTC, datetime

# Returns UTC without a zone. Code that needs the time takes a clock as a parameter.
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def to_text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='microseconds')}Z"


def from_text(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def lag_seconds(text: str, now: datetime) -> float:
    """How long ago a moment was; 0 when a clock was set back since."""
    return max((now - from_text(text)).total_seconds(), 0.0)
