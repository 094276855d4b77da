"""Times of the demo in nanoseconds since 1970, and the ways in which Logpush jobs write them."""

from datetime import UTC, datetime
from typing import Final

MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000 * MILLISECOND


def at(moment: str) -> int:
    """Nanoseconds since 1970 of a time like `17 09:02:31`, November 2026, UTC."""
    return int(datetime.fromisoformat(f"2026-11-{moment}+00:00").timestamp()) * SECOND


def rfc3339(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc3339ms(nanoseconds: int) -> str:
    return f"{rfc3339(nanoseconds)[:-1]}.{nanoseconds // MILLISECOND % 1000:03}Z"


def unixnano(nanoseconds: int) -> int:
    return nanoseconds
