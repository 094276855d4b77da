"""Tells from records which headers were logged, as far as records can tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from queries.engine import Engine

# Of fewer requests, each may be an exception: a proxy that removes headers, a browser's oddity.
EVIDENCE_MIN = 20

# Browsers send these with each request over HTTPS.
ALWAYS_SENT = ("sec-fetch-dest", "sec-fetch-mode", "sec-fetch-site")


@dataclass(frozen=True, slots=True)
class LoggedHeaders:
    """Counts of requests of people's browsers in one zone; see the SQL file.

    `holding` has the requests that hold each header. `zone` is None where records do not name it.
    """

    zone: str | None
    requests: int
    navigations: int
    sized: int
    answered: int
    holding: Mapping[str, int]

    def missing(self) -> tuple[str, ...]:
        """The headers that were probably not logged. Absence alone proves nothing of the others."""
        return tuple(name for name in self._unlogged() if not self.holding[name])

    def _unlogged(self) -> Iterator[str]:
        """The headers that the requests must have had."""
        if self.requests < EVIDENCE_MIN:
            return
        yield from ALWAYS_SENT
        # Only a person's own navigation has it, and only what is fetched ahead has a purpose.
        if self.navigations >= EVIDENCE_MIN:
            yield "sec-fetch-user"
        if not any(self.holding[name] for name in ALWAYS_SENT):
            yield "sec-purpose"
        # A compressed page has no length, and only a file has a disposition.
        if self.sized >= EVIDENCE_MIN:
            yield "content-length"
            if not self.answered:
                yield "content-disposition"


def logged_headers(engine: Engine, since: datetime) -> list[LoggedHeaders]:
    """By zone, of the requests since then."""
    return [
        LoggedHeaders(
            zone=row.pop("zone"),
            requests=row.pop("requests"),
            navigations=row.pop("navigations"),
            sized=row.pop("sized"),
            answered=row.pop("answered"),
            holding=row,
        )
        for row in engine.ask("completeness/logged_headers", {"since": since}).records()
    ]
