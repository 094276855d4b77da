"""An Access application as Cloudflare described it, and the period in which that applied."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from store import timestamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application as Cloudflare describes it.

    `covers` and `opens` are hosts with an optional path, and `*` for anything, as the dashboard
    writes them. A request for what is covered and not opened has passed Access.
    """

    id: str
    name: str
    type: str
    aud: str
    covers: tuple[str, ...]
    opens: tuple[str, ...]
    session_duration: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def coverage(self) -> str:
        return coverage_text(self.covers, self.opens, self.session_duration)

    def digest(self) -> str:
        # Late: a command that only reads does not hash applications.
        from blake3 import blake3  # noqa: PLC0415

        updated = timestamps.to_text(self.updated_at) if self.updated_at else ""
        described = [self.id, self.name, self.type, self.aud, self.coverage(), updated]
        return blake3(orjson.dumps(described)).hexdigest()


@dataclass(frozen=True, slots=True)
class ApplicationVersion:
    """An application as it was from `since` until `until`; None for the current version.

    `listed_at` is when a pull found it, which may be later than `since`.
    """

    application: Application
    since: datetime
    until: datetime | None
    listed_at: datetime | None = None


def coverage_text(covers: Sequence[str], opens: Sequence[str], session_duration: str) -> str:
    """What the table `applications` has in `coverage`."""
    facts = {"covers": covers, "opens": opens, "session_duration": session_duration}
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()


def version_of(row: Any, listed_at: datetime | None = None) -> ApplicationVersion:
    """A row of the table `applications`, read by any driver."""
    coverage = orjson.loads(row["coverage"])
    application = Application(
        id=row["id"],
        name=row["name"],
        type=row["type"],
        aud=row["aud"],
        covers=_texts(coverage["covers"]),
        opens=_texts(coverage["opens"]),
        session_duration=coverage["session_duration"],
    )
    until = timestamps.from_text(row["holds_until"]) if row["holds_until"] else None
    return ApplicationVersion(
        application, timestamps.from_text(row["holds_from"]), until, listed_at
    )


def _texts(found: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(each) for each in found)
