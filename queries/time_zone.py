"""A time zone that a person chose: which instant a day begins, and how an instant is read there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from queries.errors import QueryRefused

# Longer texts are no names of zones, and would be read as a path.
_CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class TimeZone:
    """Instants are in UTC without a zone, as everywhere in this program."""

    name: str
    rules: tzinfo

    @property
    def is_utc(self) -> bool:
        return self.rules is UTC

    def local(self, instant: datetime) -> datetime:
        """With its zone. The first and last days of the calendar stay in UTC, as no zone reads them."""
        told = instant.replace(tzinfo=UTC)
        try:
            return told.astimezone(self.rules)
        except OverflowError:
            return told

    def begin_of(self, day: date) -> datetime:
        """The instant at which a day begins. It is the first one where a clock shows midnight twice."""
        local = datetime.combine(day, time(), tzinfo=self.rules)
        try:
            return local.astimezone(UTC).replace(tzinfo=None)
        except OverflowError:
            return local.replace(tzinfo=None)

    def end_of(self, day: date) -> datetime:
        """The instant at which the next day begins."""
        if day == date.max:
            return datetime.max  # noqa: DTZ901 - UTC without a zone
        return self.begin_of(day + timedelta(days=1))


IN_UTC = TimeZone("UTC", UTC)


def time_zone(name: str) -> TimeZone:
    """A zone of the tz database by its name; QueryRefused if there is none."""
    if name.upper() == IN_UTC.name:
        return IN_UTC
    if not name.isascii() or len(name) > _CHARACTERS_MAX:
        raise QueryRefused(_unknown(name[:_CHARACTERS_MAX]))
    try:
        return TimeZone(name, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise QueryRefused(_unknown(name)) from None


def _unknown(name: str) -> str:
    return f"unknown time zone {name!r}: use a name of the tz database such as Europe/Prague"
