"""Whole hours, which Cloudflare counts by."""

from collections.abc import Iterator
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


def hour_of(moment: datetime) -> datetime:
    """The start of the hour that contains this moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def hours_between(since: datetime, until: datetime) -> Iterator[datetime]:
    """The start of every hour that begins before `until`, from the hour of `since` on."""
    hour = hour_of(since)
    while hour < until:
        yield hour
        hour += HOUR
