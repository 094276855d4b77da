"""Builds a report from several questions over one snapshot.

DuckDB does the counting, so what is held here is limited however much a user did.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.access import Access, access
from queries.identity.people import KnownUser, UnknownUser, look_up
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from queries.report.complete_hours import hours_of
from queries.report.model import (
    Activity,
    ActivityCount,
    Coverage,
    Listing,
    Login,
    PageStep,
    Refusal,
    Report,
    Session,
    Totals,
    Use,
)

# The usual gap of web analytics tools.
SESSION_GAP = timedelta(minutes=30)

# A person reads the page. Totals count everything; the trail and the CSV file hold everything.
SESSIONS_SHOWN = 100
STEPS_SHOWN = 50  # of one session
VIEWS_READ = 1_000  # of one session, to group into steps
NAMES_SHOWN = 10  # of one session's hosts, addresses and countries, each
USES_SHOWN = 50  # of hosts, addresses, countries and user agents, each
REFUSED_SHOWN = 100
LOGINS_SHOWN = 100

# As many as the chart has colours.
HOSTS_CHARTED = 7

# At most a few hundred bars: hours up to four days, days up to 400 days, else months.
HOURS_CHARTED_MAX = timedelta(days=4)
DAYS_CHARTED_MAX = timedelta(days=400)


def report(
    engine: Engine,
    person: Person,
    period: Period = ALWAYS,
    *,
    session_gap: timedelta = SESSION_GAP,
    configured_access_hosts: Iterable[str] = (),
) -> Report | UnknownUser:
    """The report of a person in a period, or UnknownUser if the store has none of their names.

    A known person without requests in the period gets a report that says so.
    """
    if session_gap <= timedelta():
        raise QueryRefused("the session gap must be longer than zero")
    who = look_up(engine, person)
    if isinstance(who, UnknownUser):
        return who
    scope = {"who": person.users, "since": period.since, "until": period.until}
    known = access(engine, person, period, configured_access_hosts)
    return _Questions(engine, scope, session_gap, known).report(who, period)


@dataclass(frozen=True, slots=True)
class _Questions:
    engine: Engine
    scope: Mapping[str, Any]
    gap: timedelta
    access: Access

    def report(self, who: KnownUser, asked: Period) -> Report:
        totals = self._ask("totals")[0]
        first_seen, last_seen = totals.pop("first_seen"), totals.pop("last_seen")
        sessions = self._sessions()
        uses = self._uses()
        logins = self._ask("logins", shown=LOGINS_SHOWN)
        logins_refused = max((login.pop("refused") for login in logins), default=0)
        snapshot = self.engine.snapshot
        return Report(
            who=who,
            asked=asked,
            session_gap_seconds=self.gap.total_seconds(),
            coverage=Coverage(
                sequence=snapshot.sequence,
                taken_at=snapshot.taken_at,
                pending_batches=snapshot.pending_batches,
                lag_seconds=snapshot.lag_seconds,
                recovered_batches=self._recovered_batches(),
                hours=hours_of(
                    snapshot.coverage,
                    asked.since or first_seen,
                    min(asked.until or snapshot.taken_at, snapshot.taken_at),
                ),
                files_checked_at=snapshot.scrub.ended_at if snapshot.scrub else None,
                damaged_files=len(snapshot.damaged) + len(snapshot.left_out),
                left_out=tuple(each.omission() for each in snapshot.left_out),
            ),
            first_seen=first_seen,
            last_seen=last_seen,
            totals=Totals(sessions=sessions.total, **totals),
            sessions=sessions,
            hosts=uses["host"],
            addresses=uses["address"],
            countries=uses["country"],
            user_agents=uses["user_agent"],
            refused=_listing(Refusal, self._ask("refused", shown=REFUSED_SHOWN)),
            logins=_listing(Login, logins),
            logins_refused=logins_refused,
            activity=self._activity(first_seen, last_seen, uses["host"]),
        )

    def _ask(self, question: str, **parameters: Any) -> list[dict[str, Any]]:
        return list(self.engine.ask(f"report/{question}", {**self.scope, **parameters}).records())

    def _recovered_batches(self) -> int:
        recovered = sorted(self.engine.snapshot.recovered)
        # Hardly any store has one.
        if not recovered:
            return 0
        return int(self._ask("recovered_batches", recovered=recovered)[0]["batches"])

    def _sessions(self) -> Listing[Session]:
        gap = self.gap // timedelta(microseconds=1)
        found = self._ask("sessions", gap=gap, shown=SESSIONS_SHOWN, names=NAMES_SHOWN)
        after = found[0]["number"] - 1 if found else 0
        steps = self._ask(
            "session_pages",
            gap=gap,
            after=after,
            views=VIEWS_READ,
            shown=STEPS_SHOWN,
            **self.access.parameters(),
        )
        by_session: defaultdict[int, list[PageStep]] = defaultdict(list)
        for step in steps:
            session = step.pop("session")
            by_session[session].append(PageStep(**{**step, "statuses": tuple(step["statuses"])}))
        sessions = tuple(_session(row, by_session[row["number"]]) for row in found)
        return Listing(sessions, found[0]["total"] if found else 0)

    def _uses(self) -> dict[str, Listing[Use]]:
        kinds: dict[str, list[dict[str, Any]]] = {
            kind: [] for kind in ("host", "address", "country", "user_agent")
        }
        for row in self._ask("breakdown", shown=USES_SHOWN, **self.access.parameters()):
            kinds[row.pop("kind")].append(row)
        return {kind: _listing(Use, rows) for kind, rows in kinds.items()}

    def _activity(
        self, first: datetime | None, last: datetime | None, hosts: Listing[Use]
    ) -> Activity:
        span = last - first if first and last else timedelta()
        bucket = "month"
        if span <= DAYS_CHARTED_MAX:
            bucket = "day" if span > HOURS_CHARTED_MAX else "hour"
        named = [use.value for use in hosts.shown[:HOSTS_CHARTED] if use.value is not None]
        counts = self._ask("activity", bucket=bucket, hosts=named)
        return Activity(bucket=bucket, counts=tuple(ActivityCount(**count) for count in counts))


def _listing(item: type[Any], rows: list[dict[str, Any]]) -> Listing[Any]:
    """Every row carries the same total, since one question returns both."""
    totals = [row.pop("total") for row in rows]
    return Listing(tuple(item(**row) for row in rows), max(totals, default=0))


def _session(row: dict[str, Any], steps: list[PageStep]) -> Session:
    return Session(
        number=row["number"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        duration_seconds=(row["ended_at"] - row["started_at"]).total_seconds(),
        requests=row["requests"],
        pages=row["pages"],
        hosts=Listing(tuple(row["hosts"] or ()), row["host_count"]),
        addresses=Listing(tuple(row["addresses"] or ()), row["address_count"]),
        countries=Listing(tuple(row["countries"] or ()), row["country_count"]),
        steps=tuple(steps),
        pages_not_shown=row["pages"] - sum(step.times for step in steps),
    )
