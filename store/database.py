"""Where a catalog on PostgreSQL is: the value of RAYTRAIL_CATALOG, read once."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

# A percent sign that is not one of a percent-encoded byte, or stands for NUL.
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%00")

SCHEMES = frozenset({"postgresql", "postgres"})

# Members of the query that name the place, for a URL such as postgresql:///raytrail?host=/run/postgresql.
_HOST, _NAME = "host", "dbname"


@dataclass(frozen=True, slots=True)
class Database:
    """`url` may have a password, so no text of this value has it; `str` and `repr` name the place."""

    url: str = field(repr=False)
    shown: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """ValueError without the text, which may have a password."""
        try:
            found = urlsplit(text.strip())
            shown = _shown(found)
        except ValueError:
            raise _refused() from None
        if found.scheme not in SCHEMES or not shown or _is_ambiguous(found):
            raise _refused()
        return cls(text.strip(), shown)

    def __str__(self) -> str:
        return self.shown


def _refused() -> ValueError:
    return ValueError(
        "use a URL such as postgresql://raytrail@db.example/raytrail; in a password write @ as %40,"
        " / as %2F, and % as %25"
    )


def _is_ambiguous(found: SplitResult) -> bool:
    """Whether the driver could take a part of the password for the host, and tell it in an error."""
    return (
        found.netloc.count("@") > 1
        or "@" in found.path
        or bool(found.fragment)
        or _NO_ESCAPE.search(found.geturl()) is not None
    )


def _shown(found: SplitResult) -> str:
    """The database and the host, never a user, a password or an option."""
    told = parse_qs(found.query)
    name = unquote(found.path.removeprefix("/")) or next(iter(told.get(_NAME, ())), "")
    # Several hosts are told as they are.
    host = found.netloc.rpartition("@")[2] or next(iter(told.get(_HOST, ())), "this machine")
    return f"PostgreSQL database {name} at {host}" if name else ""
