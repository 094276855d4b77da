"""Parses a time in any format that Logpush can send to an exact instant, without floats.

A job may change its `timestamp_format` at any time, so the format of each value is detected.
Equal instants are equal in every format. A value read with an assumption (no zone: UTC;
23:59:60: the next second; digits below the nanosecond: cut off) is Approximate. A value that is
not an instant in the years 1 to 9999 is a Misfit.
"""

import re
from datetime import date
from typing import TypeAlias

from schema.fields.coercion_result import MISFIT, Approximate, Instant, Misfit

RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]"
    r"([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])?"
)

# A JSON number without an exponent. 21 digits reach the year 9999 in nanoseconds.
UNIX = re.compile(r"(-?)(0|[1-9][0-9]{0,20})(?:\.([0-9]+))?")

# The magnitude determines the unit: each limit is the year 5138 in its own unit and 1973 in the
# next smaller one. (Exclusive limit, nanoseconds in one unit; above the last: nanoseconds.)
UNITS = (
    (10**11, 10**9),
    (10**14, 10**6),
    (10**17, 10**3),
)

DAY = 86_400
DAYS_TO_1970 = date(1970, 1, 1).toordinal()
SECONDS_MIN = (date.min.toordinal() - DAYS_TO_1970) * DAY
SECONDS_MAX = (date.max.toordinal() - DAYS_TO_1970) * DAY + DAY - 1

Time: TypeAlias = Instant | Approximate | Misfit


def parse_time(value: object, raw: bytes) -> Time:
    """`value` is the parsed JSON text `raw`; a fraction is read from the text."""
    if type(value) is str:
        if match := RFC3339.fullmatch(value):
            return _civil(match)
        return _unix(value)
    if type(value) is int or type(value) is float:
        return _unix(raw.decode())
    return MISFIT


def _civil(match: re.Match[str]) -> Time:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3])).toordinal() - DAYS_TO_1970
    except ValueError:
        return MISFIT
    clock = int(match[4]) * 3600 + int(match[5]) * 60 + int(match[6])
    seconds = day * DAY + clock - _offset(match[8] or "Z")
    leap = match[6] == "60"
    if leap and seconds % DAY:
        # A leap second is the last second of a UTC day, in every time zone.
        return MISFIT
    fraction = match[7] or ""
    nanoseconds = int(fraction[:9].ljust(9, "0"))
    doubtful = leap or not match[8] or bool(fraction[9:].strip("0"))
    return _instant(seconds * 10**9 + nanoseconds, doubtful=doubtful)


def _offset(zone: str) -> int:
    """Seconds east of UTC."""
    if zone in "Zz":
        return 0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds


def _unix(text: str) -> Time:
    match = UNIX.fullmatch(text)
    if match is None:
        return MISFIT
    whole, fraction = int(match[2]), match[3] or ""
    unit = next((unit for limit, unit in UNITS if whole < limit), 1)
    places = len(str(unit)) - 1
    nanoseconds = whole * unit + int(fraction[:places].ljust(places, "0") or "0")
    doubtful = bool(fraction[places:].strip("0"))
    return _instant(-nanoseconds if match[1] else nanoseconds, doubtful=doubtful)


def _instant(nanoseconds: int, *, doubtful: bool) -> Time:
    if not SECONDS_MIN <= nanoseconds // 10**9 <= SECONDS_MAX:
        return MISFIT
    instant = Instant(*divmod(nanoseconds, 1000))
    return Approximate(instant) if doubtful else instant
