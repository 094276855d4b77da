"""Builds a report from several questions over one snapshot.

DuckDB does the counting, so what is held here is limited however much a user did.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from queries.anomalies.detection import anomalies
from queries.engine import Engine
from queries.errors import QueryRefused
from queries.identity.access import Access, access
from queries.identity.people import KnownUser, UnknownUser, look_up
from queries.identity.person import Person
from queries.period import ALWAYS, Period
from queries.report.acts import Act
from queries.report.charts.buckets import activity_of
from queries.report.coverage.complete_hours import hours_of, spans_of
from queries.report.coverage.values import Coverage
from queries.report.days import PartOfHour, days_of, minutes_of
from queries.report.kinds import kinds_of
from queries.report.listing import Listing
from queries.report.model import (
    AccessEvents,
    Login,
    Network,
    Place,
    Refusal,
    Report,
    Totals,
    Use,
)
from queries.report.person_requests import PersonRequests, person_requests
from queries.report.rows_elsewhere import rows_elsewhere
from queries.report.sessions import sessions_asked
from queries.time_zone import IN_UTC, TimeZone
from schema.dataset import datasets

# The usual gap of web analytics tools.
SESSION_GAP = timedelta(minutes=30)

# A person reads the page. Totals count everything; the trail and the CSV file hold everything.
USES_SHOWN = 50  # of hosts, addresses, countries and user agents, each
REFUSED_SHOWN = 100
DOWNLOADS_SHOWN = 100
CHANGES_SHOWN = 100
LOGINS_SHOWN = 100

PLACES_SHOWN = 50
NETWORKS_SHOWN = 30

# As many as the chart has colours.
HOSTS_CHARTED = 7


def report(  # noqa: PLR0913 - a question has its options as arguments
    engine: Engine,
    person: Person,
    period: Period = ALWAYS,
    *,
    session_gap: timedelta = SESSION_GAP,
    configured_access_hosts: Iterable[str] = (),
    zone: TimeZone = IN_UTC,
) -> Report | UnknownUser:
    """The report of a person in a period, or UnknownUser if no dataset has any of their names.

    A known person without requests in the period gets a report that says so.
    """
    options = Options(session_gap, tuple(configured_access_hosts), zone)
    with reporting(engine, person, period, options) as asked:
        return asked if isinstance(asked, UnknownUser) else asked.report()


@dataclass(frozen=True, slots=True)
class Options:
    """What a report depends on, beside the person and the period.

    `access_hosts` are the hosts that the settings say Access protects.
    """

    session_gap: timedelta = SESSION_GAP
    access_hosts: tuple[str, ...] = ()
    zone: TimeZone = IN_UTC


@contextmanager
def reporting(
    engine: Engine, person: Person, period: Period, options: Options
) -> "Iterator[Reporting | UnknownUser]":
    """Until the block ends, a report and what belongs to it can be asked for.

    The person's requests are read once for all of it, see person_requests.py.
    """
    if options.session_gap <= timedelta():
        raise QueryRefused("the session gap must be longer than zero")
    who = look_up(engine, person)
    if isinstance(who, UnknownUser):
        if not _is_elsewhere(engine, person):
            yield who
            return
        who = KnownUser.without_requests(person)
    scope = {"who": person.users, "since": period.since, "until": period.until}
    known = access(engine, person, period, options.access_hosts)
    gap = {"gap": options.session_gap // timedelta(microseconds=1)}
    with person_requests(engine, {**scope, **gap, **known.parameters()}) as requests:
        yield Reporting(requests, who, period, scope, options, known)


def _is_elsewhere(engine: Engine, person: Person) -> bool:
    """Whether another dataset has a row under a name of the person, at any time.

    An undocumented one does not count: it may be a misspelt name, of which UnknownUser tells.
    """
    always = {"who": person.users, "since": None, "until": None}
    return any(each.rows for each in rows_elsewhere(engine, always) if each.dataset in datasets())


@dataclass(frozen=True, slots=True)
class Reporting:
    """Asks the questions of a report about one person in one period."""

    requests: PersonRequests
    who: KnownUser
    asked: Period
    scope: Mapping[str, Any]
    options: Options
    access: Access

    @property
    def engine(self) -> Engine:
        return self.requests.engine

    def report(self) -> Report:
        who, asked, zone = self.who, self.asked, self.options.zone
        totals = self._ask_scoped("totals")[0]
        first_seen, last_seen = totals.pop("first_seen"), totals.pop("last_seen")
        sessions = sessions_asked(self.engine)
        uses = self._uses()
        parts = self._parts(first_seen, last_seen, uses["host"])
        snapshot = self.engine.snapshot
        begin = asked.since or first_seen
        end = min(asked.until or snapshot.taken_at, snapshot.taken_at)
        return Report(
            who=who,
            asked=asked,
            session_gap_seconds=self.options.session_gap.total_seconds(),
            coverage=Coverage(
                sequence=snapshot.sequence,
                taken_at=snapshot.taken_at,
                pending_batches=snapshot.pending_batches,
                lag_seconds=snapshot.lag_seconds,
                recovered_batches=self._recovered_batches(),
                digest=snapshot.digest,
                hours=hours_of(snapshot.coverage, begin, end),
                spans=spans_of(snapshot.coverage, begin, end),
                files_checked_at=snapshot.scrub.ended_at if snapshot.scrub else None,
                damaged_files=len(snapshot.damaged) + len(snapshot.left_out),
                left_out=tuple(each.omission() for each in snapshot.left_out),
            ),
            first_seen=first_seen,
            last_seen=last_seen,
            totals=Totals(sessions=sessions.total, **totals),
            kinds=kinds_of(self._ask("kinds")),
            downloads=self._acts("downloads", DOWNLOADS_SHOWN),
            changes=self._acts("changes", CHANGES_SHOWN),
            sessions=sessions,
            hosts=uses["host"],
            addresses=uses["address"],
            countries=uses["country"],
            user_agents=uses["user_agent"],
            refused=_listing(Refusal, self._ask("refused", shown=REFUSED_SHOWN)),
            logins=self._logins(["login"]),
            other_events=self._logins(["logout", "enrolment", "other"]),
            access_events=AccessEvents(**self._ask_scoped("access_events")[0]),
            activity=activity_of(parts, zone),
            time_zone=zone.name,
            days=days_of(parts, zone),
            places=_listing(Place, self._ask("overview/template_counts", shown=PLACES_SHOWN)),
            networks=self._networks(),
            elsewhere=rows_elsewhere(self.engine, self.scope),
            anomalies=anomalies(self.engine, who.person, asked, self.access),
        )

    def _ask(self, question: str, **parameters: Any) -> list[dict[str, Any]]:
        """A question about the person's requests, which are kept for all of them."""
        return list(self.engine.ask(f"report/{question}", parameters).records())

    def _ask_scoped(self, question: str, **parameters: Any) -> list[dict[str, Any]]:
        return self._ask(question, **self.scope, **parameters)

    def _recovered_batches(self) -> int:
        recovered = sorted(self.engine.snapshot.recovered)
        # Hardly any store has one.
        if not recovered:
            return 0
        return int(self._ask_scoped("recovered_batches", recovered=recovered)[0]["batches"])

    def _acts(self, question: str, shown: int) -> Listing[Act]:
        return _listing(Act, self._ask(question, shown=shown))

    def _logins(self, events: list[str]) -> Listing[Login]:
        return _listing(Login, self._ask_scoped("logins", shown=LOGINS_SHOWN, events=events))

    def _uses(self) -> dict[str, Listing[Use]]:
        kinds: dict[str, list[dict[str, Any]]] = {
            kind: [] for kind in ("host", "address", "country", "user_agent")
        }
        for row in self._ask("breakdown", shown=USES_SHOWN):
            kinds[row.pop("kind")].append(row)
        return {kind: _listing(Use, rows) for kind, rows in kinds.items()}

    def _networks(self) -> Listing[Network]:
        rows = self._ask("overview/network_counts", shown=NETWORKS_SHOWN)
        for row in rows:
            row["countries"] = tuple(row["countries"] or ())
        return _listing(Network, rows)

    def _parts(
        self, first: datetime | None, last: datetime | None, hosts: Listing[Use]
    ) -> list[PartOfHour]:
        named = [use.value for use in hosts.shown[:HOSTS_CHARTED] if use.value is not None]
        minutes = minutes_of(self.options.zone, (first, last))
        counts = self._ask("overview/hour_counts", minutes=minutes, hosts=named)
        return [PartOfHour(**count) for count in counts]


def _listing(item: type[Any], rows: list[dict[str, Any]]) -> Listing[Any]:
    """Every row carries the same total, since one question returns both."""
    totals = [row.pop("total") for row in rows]
    return Listing(tuple(item(**row) for row in rows), max(totals, default=0))
