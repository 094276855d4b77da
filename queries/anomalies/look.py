"""What the search for anomalies of one person knows, and how it asks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.anomalies.anomaly import Anomaly, Evidence, Kind, NotJudged
from queries.anomalies.known_time import LOGIN_SILENCE, of_logins
from queries.anomalies.login_windows import AccessEvent, LoginWindows
from queries.engine import Engine
from queries.identity.access import Access
from queries.identity.person import Person
from queries.identity.session_length import LONGEST_SESSION
from queries.period import Period

MICROSECOND = timedelta(microseconds=1)

Found = Iterator[Anomaly | NotJudged]


@dataclass(frozen=True, slots=True)
class Look:
    """`hosts` are those that the person sent requests to in the period."""

    engine: Engine
    person: Person
    period: Period
    access: Access
    windows: LoginWindows
    hosts: Sequence[str]

    @classmethod
    def of(cls, engine: Engine, person: Person, period: Period, access: Access) -> "Look":
        scope = {"who": person.users, "since": period.since, "until": period.until}
        earlier = period.since and period.since - LONGEST_SESSION
        events = engine.ask("anomalies/access_events", {**scope, "since": earlier}).records()
        silence = {"silence": LOGIN_SILENCE // MICROSECOND}
        islands = engine.ask("anomalies/login_islands", silence).rows
        visited = engine.ask("identity/user_hosts", scope).records()
        windows = LoginWindows(
            tuple(AccessEvent(**each) for each in events),
            engine.snapshot.applications,
            of_logins((first, last) for first, last in islands),
        )
        return cls(engine, person, period, access, windows, [row["host"] for row in visited])

    def ask(self, question: str, *, graded: bool = True, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a question; with `graded` of the period, and with what Access protected."""
        scope = {"who": self.person.users, **parameters}
        if graded:
            scope |= {"since": self.period.since, "until": self.period.until}
            scope |= self.access.parameters()
        return list(self.engine.ask(f"anomalies/{question}", scope).records())


def of_requests(kind: Kind, row: dict[str, Any]) -> Anomaly:
    """An anomaly of a row with host, requests, first_seen, last_seen and ray_id."""
    first: datetime = row["first_seen"]
    return Anomaly(
        kind=kind,
        started_at=first,
        ended_at=row["last_seen"],
        requests=row["requests"],
        host=row["host"],
        evidence=(Evidence("request", first, row["ray_id"]),),
    )
