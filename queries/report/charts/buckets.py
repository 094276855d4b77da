"""Counts of parts of an hour, added up to the bars of the activity chart."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from queries.report.days import PartOfHour
from queries.report.model import Activity, ActivityCount
from queries.time_zone import TimeZone

# At most a few hundred bars: hours up to four days, days up to 400 days, else months.
HOURS_CHARTED_MAX = timedelta(days=4)
DAYS_CHARTED_MAX = timedelta(days=400)


def activity_of(parts: Sequence[PartOfHour], zone: TimeZone) -> Activity:
    """Bars begin at whole hours, days or months of the zone, told in its own time of day."""
    if not parts:
        return Activity(bucket="hour", counts=())
    span = parts[-1].started_at - parts[0].started_at
    bucket = "month"
    if span <= DAYS_CHARTED_MAX:
        bucket = "day" if span > HOURS_CHARTED_MAX else "hour"
    counts: Counter[tuple[datetime, str | None]] = Counter()
    for each in parts:
        counts[_begin(zone.local(each.started_at).replace(tzinfo=None), bucket), each.host] += (
            each.requests
        )
    # A host None comes last.
    ordered = sorted(counts, key=lambda key: (key[0], key[1] is None, key[1] or ""))
    return Activity(
        bucket=bucket,
        counts=tuple(
            ActivityCount(started_at=began, host=host, requests=counts[began, host])
            for began, host in ordered
        ),
    )


def _begin(local: datetime, bucket: str) -> datetime:
    whole = local.replace(minute=0, second=0, microsecond=0)
    if bucket == "hour":
        return whole
    day = whole.replace(hour=0)
    return day if bucket == "day" else day.replace(day=1)
