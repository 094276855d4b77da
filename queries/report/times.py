"""Times of a report in words: in the zone of the report, and in UTC beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from queries.period import Period
from queries.time_zone import IN_UTC, TimeZone

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Times:
    """Words for instants in UTC without a zone. Names of days and months do not depend on a locale."""

    zone: TimeZone = IN_UTC

    def moment(self, value: datetime | None) -> str:
        """`2026-11-18 09:03:12Z`, or with the offset of the zone."""
        if value is None:
            return "no time"
        if self.zone.is_utc:
            return f"{value.isoformat(' ', 'seconds')}Z"
        return self.zone.local(value).replace(microsecond=0).isoformat(" ")

    def beside(self, value: datetime | None) -> str:
        """The same instant in UTC; empty where the zone is UTC."""
        if value is None or self.zone.is_utc:
            return ""
        is_same_day = self.zone.local(value).date() == value.date()
        return f"{value:%H:%M:%S}Z" if is_same_day else f"{value.isoformat(' ', 'seconds')}Z"

    def short(self, value: datetime | None) -> str:
        """Without the offset, which stands at the head of the list."""
        if value is None:
            return "no time"
        return self.zone.local(value).replace(tzinfo=None).isoformat(" ", "seconds")

    def clock(self, value: datetime, since: datetime) -> str:
        """The time of day, and the date where it is not that of `since`."""
        here, there = self.zone.local(value), self.zone.local(since)
        if here.date() == there.date():
            return f"{here:%H:%M:%S}"
        return f"{here.replace(tzinfo=None).isoformat(' ', 'seconds')}"

    def day(self, value: datetime) -> date:
        return self.zone.local(value).date()

    def day_text(self, value: date) -> str:
        weekday, month = _WEEKDAYS[value.weekday()], _MONTHS[value.month - 1]
        return f"{weekday} {value.day} {month} {value.year}"

    def period(self, period: Period) -> str:
        if period.is_open:
            return "everything kept"
        start = f"from {self.moment(period.since)}" if period.since else "from the beginning"
        return f"{start} until {self.moment(period.until)}" if period.until else start

    def period_in_utc(self, period: Period) -> str:
        """Which instants the ends of a period are; empty where they stand in UTC already."""
        ends = () if self.zone.is_utc else tuple(self._ends(period))
        return f"in UTC {' '.join(ends)}" if ends else ""

    def _ends(self, period: Period) -> Iterator[str]:
        in_utc = Times()
        if period.since:
            yield f"from {in_utc.moment(period.since)}"
        if period.until:
            yield f"until {in_utc.moment(period.until)}"


TIMES_IN_UTC = Times()
