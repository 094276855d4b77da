"""Counts of parts of an hour, added up to the bars of the activity chart."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from queries.report.coverage.values import Span
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


def spans_of_activity(spans: Iterable[Span], activity: Activity, zone: TimeZone) -> list[Span]:
    """The part of the spans under the bars, in the zone's time of day; a clock change makes one odd."""
    if not activity.counts:
        return []
    first = activity.counts[0].started_at
    end = _end(activity.counts[-1].started_at, activity.bucket)
    local = (
        Span(
            since=max(zone.local(each.since).replace(tzinfo=None), first),
            until=min(zone.local(each.until).replace(tzinfo=None), end),
            known=each.known,
        )
        for each in spans
    )
    return [each for each in local if each.since < each.until]


def _end(begin: datetime, bucket: str) -> datetime:
    if bucket == "hour":
        return begin + timedelta(hours=1)
    if bucket == "day":
        return begin + timedelta(days=1)
    # The first day of the next month.
    return (begin + timedelta(days=31)).replace(day=1)
