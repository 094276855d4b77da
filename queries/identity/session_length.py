"""How long a login to an Access application lasts, as Cloudflare writes it: `24h`, `1h30m`, `730h`."""

import re
from datetime import timedelta

# Cloudflare's default for an application; `0s` and a missing value mean it too.
DEFAULT_SESSION = timedelta(hours=24)

# The longest session that an application can have is one month.
LONGEST_SESSION = timedelta(days=31)

_UNITS = {
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
    "us": timedelta(microseconds=1),
    "µs": timedelta(microseconds=1),
    "ns": timedelta(),
}
_NUMBER = r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(h|ms|m|s|us|µs|ns)"
_DURATION = re.compile(rf"(?:{_NUMBER})+")


def session_length(text: str) -> timedelta | None:
    """None where the text tells no length."""
    plain = text.strip()
    if not _DURATION.fullmatch(plain):
        return None
    parts = re.findall(_NUMBER, plain)
    length = sum((float(number) * _UNITS[unit] for number, unit in parts), timedelta())
    return min(length, LONGEST_SESSION) or None
