"""The period of a question: [since, until) in UTC; either end may be open."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from queries.errors import QueryRefused

ACCEPTED = "a day (2026-11-01) or a time with its zone (2026-11-01T08:30:00Z)"

# `[0-9]`, because `\d` matches digits of every script.
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
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


def parse_period(since: str = "", until: str = "") -> Period:
    """Parse a period that a person typed; an empty text leaves that end open.

    A day as `until` is included whole. Digits below the microsecond are rounded so that the
    period grows: it must not lose a request.
    """
    period = Period(
        _parse("since", since, timedelta(), round_up=False),
        _parse("until", until, timedelta(days=1), round_up=True),
    )
    if period.since and period.until and period.since >= period.until:
        raise QueryRefused(f"since {since!r} is not before until {until!r}")
    return period


def _parse(name: str, text: str, day_adds: timedelta, *, round_up: bool) -> datetime | None:
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            day = datetime.combine(date.fromisoformat(text), datetime.min.time())
            # The last day of the calendar has no day after it.
            return day + min(day_adds, datetime.max - day)  # noqa: DTZ901 - UTC without a zone
        if matched := _TIME.fullmatch(text):
            return _moment(matched, round_up=round_up)
    except (ValueError, OverflowError):
        pass
    shown = text if len(text) <= _CHARACTERS_SHOWN else f"{text[:_CHARACTERS_SHOWN]}…"
    raise QueryRefused(f"{name} {shown!r} is not {ACCEPTED}")


def _moment(matched: re.Match[str], *, round_up: bool) -> datetime:
    zone = matched["zone"].upper().replace("Z", "+00:00")
    moment = datetime.fromisoformat(matched["whole"].upper() + zone)
    nanoseconds = int((matched["fraction"] or "").ljust(9, "0"))
    microseconds = -(-nanoseconds // 1000) if round_up else nanoseconds // 1000
    moment += timedelta(microseconds=microseconds)
    return moment.astimezone(UTC).replace(tzinfo=None)
