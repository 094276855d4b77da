"""The period of a question: [since, until) in UTC; either end may be open."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from queries.errors import QueryRefused
from queries.time_zone import IN_UTC, TimeZone

ACCEPTED = (
    "a day (2026-11-01), today, yesterday, 7d (seven days with today), 12h, a week (2026-W47), "
    "a month (2026-11) or a time with its zone (2026-11-01T08:30:00Z)"
)

# `[0-9]`, because `\d` matches digits of every script.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WEEK = re.compile(r"(?P<year>[0-9]{4})-[Ww](?P<week>[0-9]{2})")
_MONTH = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})")
_BACK = re.compile(r"(?P<count>[0-9]{1,5})(?P<unit>[dh])")
_TIME = re.compile(
    rf"(?P<whole>{_DAY.pattern}[Tt ][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}})"
    r"(?:\.(?P<fraction>[0-9]{1,9}))?(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})"
)

# Enough of a mistyped value to recognise it.
_CHARACTERS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Period:
    """`until` is exclusive. Requests without a time are only in a period that is open at both ends."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.since is None and self.until is None


ALWAYS = Period()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where days begin, and what today is: `now` is UTC without a zone, or None if nobody asked.

    Without `now`, words such as `yesterday` are refused.
    """

    zone: TimeZone = IN_UTC
    now: datetime | None = None

    @property
    def today(self) -> date | None:
        return self.zone.local(self.now).date() if self.now else None


@dataclass(frozen=True, slots=True)
class _Span:
    """What a typed text stands for: as a start its `begin`, as an end its `end`."""

    begin: datetime
    end: datetime


IN_UTC_DAYS = Calendar()


def parse_period(
    since: str = "", until: str = "", calendar: Calendar = IN_UTC_DAYS, *, period: str = ""
) -> Period:
    """Parse a period that a person typed; an empty text leaves that end open.

    A day, week or month as `until` is included whole. `period` stands for both ends. Digits below
    the microsecond are rounded so that the period grows: it must not lose a request.
    """
    if period:
        if since or until:
            raise QueryRefused("a period cannot be combined with since or until: it has both ends")
        span = _span("period", period, calendar)
        if span.begin >= span.end:
            raise QueryRefused(f"period {_shown(period)} is one instant, not a period")
        return Period(span.begin, span.end)
    found = Period(
        _span("since", since, calendar).begin if since else None,
        _end("until", until, calendar) if until else None,
    )
    if found.since and found.until and found.since >= found.until:
        raise QueryRefused(f"since {since!r} is not before until {until!r}")
    return found


def _end(name: str, text: str, calendar: Calendar) -> datetime:
    """`14d` until `7d` are the first seven of fourteen days: an end so long ago is its begin."""
    span = _span(name, text, calendar)
    return span.begin if _BACK.fullmatch(text) else span.end


def _span(name: str, text: str, calendar: Calendar) -> _Span:
    try:
        if found := _read(text, calendar):
            return found
    except (ValueError, OverflowError):
        pass
    raise QueryRefused(f"{name} {_shown(text)} is not {ACCEPTED}")


def _shown(text: str) -> str:
    shown = text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}…"
    return f"'{shown}'" if shown != text else repr(text)


def _read(text: str, calendar: Calendar) -> _Span | None:
    """None and ValueError for what is no time."""
    if matched := _TIME.fullmatch(text):
        return _Span(_moment(matched, round_up=False), _moment(matched, round_up=True))
    if calendar.now and (matched := _BACK.fullmatch(text)) and matched["unit"] == "h":
        return _Span(calendar.now - timedelta(hours=int(matched["count"])), calendar.now)
    days = _days(text, calendar.today)
    if days is None:
        return None
    first, last = days
    return _Span(calendar.zone.begin_of(first), calendar.zone.end_of(last))


def _days(text: str, today: date | None) -> tuple[date, date] | None:
    """The first and the last day that a text stands for."""
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text)
        return day, day
    if matched := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(matched["year"]), int(matched["week"]), 1)
        return monday, monday + timedelta(days=6)
    if matched := _MONTH.fullmatch(text):
        first = date(int(matched["year"]), int(matched["month"]), 1)
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return first, after - timedelta(days=1)
    return None if today is None else _days_before(text, today)


def _days_before(text: str, today: date) -> tuple[date, date] | None:
    if text in {"today", "yesterday"}:
        day = today - timedelta(days=text == "yesterday")
        return day, day
    if (matched := _BACK.fullmatch(text)) and int(matched["count"]):
        return today - timedelta(days=int(matched["count"]) - 1), today
    return None


def _moment(matched: re.Match[str], *, round_up: bool) -> datetime:
    zone = matched["zone"].upper().replace("Z", "+00:00")
    moment = datetime.fromisoformat(matched["whole"].upper() + zone)
    nanoseconds = int((matched["fraction"] or "").ljust(9, "0"))
    microseconds = -(-nanoseconds // 1000) if round_up else nanoseconds // 1000
    moment += timedelta(microseconds=microseconds)
    return moment.astimezone(UTC).replace(tzinfo=None)
