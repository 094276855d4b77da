"""The values of a session: its steps, each with the requests that are shown under it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from queries.engine import Engine
from queries.report.kinds import Folded, Kinds, folded_of, kinds_of
from queries.report.listing import Listing

# A person reads the page. Totals count everything; the trail and the CSV file hold everything.
SESSIONS_SHOWN = 100
STEPS_SHOWN = 50  # of one session
REQUESTS_READ = 1_000  # of one session and class, to group into steps
NAMES_SHOWN = 10  # of one session's hosts, addresses and countries, each


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request, made `times` times in a row; `statuses` are its distinct HTTP statuses.

    `size_bytes` went in `direction` ("down" to the visitor, "up" from the visitor) in all of them.
    `left_at` is when the next page of the session was opened, for a page that is not the last one.
    `folded` counts requests that belong to it and are shown only as these counts.
    """

    seen_at: datetime
    kind: str
    navigation: str | None
    user_id: str
    identity: str
    method: str | None
    host: str | None
    uri: str | None
    content_type: str | None
    statuses: tuple[int, ...]
    size_bytes: int | None
    direction: str | None
    is_refused: bool
    times: int
    left_at: datetime | None = None
    folded: tuple[Folded, ...] = ()

    @property
    def requests_folded(self) -> int:
        return sum(each.requests for each in self.folded)

    @property
    def dwell_seconds(self) -> float | None:
        """How long it was the newest page; nobody logs how long somebody looked at it."""
        return (self.left_at - self.seen_at).total_seconds() if self.left_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Requests of one device with no pause longer than the gap; numbered within the report.

    `started_by` is "login" or "silence". A session that a login began has its time and Ray ID.

    `steps` are its requests that are not folded under another one, in order of time.
    `requests_not_shown` counts those for which there was no room.
    """

    number: int
    started_at: datetime
    ended_at: datetime
    duration_seconds: float
    requests: int
    kinds: Kinds
    hosts: Listing[str]
    addresses: Listing[str]
    countries: Listing[str]
    steps: tuple[Step, ...]
    requests_not_shown: int
    device: str = ""
    started_by: str = "silence"
    login_at: datetime | None = None
    login_ray_id: str | None = None

    @property
    def requests_unfolded(self) -> int:
        return self.requests - self.kinds.requests_folded


def sessions_asked(engine: Engine) -> Listing[Session]:
    """The newest sessions of `person_requests`, oldest first."""

    def ask(question: str, **parameters: Any) -> list[dict[str, Any]]:
        return list(engine.ask(f"report/{question}", parameters).records())

    found = ask("sessions", shown=SESSIONS_SHOWN, names=NAMES_SHOWN)
    after = found[0]["number"] - 1 if found else 0
    counts = defaultdict[int, list[dict[str, Any]]](list)
    for count in ask("session_kinds", after=after):
        counts[count["session"]].append(count)
    steps = defaultdict[int, list[Step]](list)
    for step in ask("session_steps", after=after, read=REQUESTS_READ, shown=STEPS_SHOWN):
        steps[step.pop("session")].append(step_of(step))
    sessions = tuple(
        session_of(row, kinds_of(counts[row["number"]]), steps[row["number"]]) for row in found
    )
    return Listing(sessions, found[0]["total"] if found else 0)


def step_of(row: Mapping[str, Any]) -> Step:
    return Step(**{**row, "statuses": tuple(row["statuses"]), "folded": folded_of(row["folded"])})


def session_of(row: Mapping[str, Any], kinds: Kinds, steps: Iterable[Step]) -> Session:
    shown = tuple(steps)
    unfolded = row["requests"] - kinds.requests_folded
    return Session(
        number=row["number"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        duration_seconds=(row["ended_at"] - row["started_at"]).total_seconds(),
        requests=row["requests"],
        kinds=kinds,
        hosts=Listing(tuple(row["hosts"] or ()), row["host_count"]),
        addresses=Listing(tuple(row["addresses"] or ()), row["address_count"]),
        countries=Listing(tuple(row["countries"] or ()), row["country_count"]),
        steps=shown,
        requests_not_shown=unfolded - sum(step.times for step in shown),
        device=row["device"],
        started_by=row["started_by"],
        login_at=row["login_at"],
        login_ray_id=row["login_ray_id"],
    )
