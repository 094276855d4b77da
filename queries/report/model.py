"""The values of a report, which outputs show and assembly fills. Times are UTC without a zone."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from queries.anomalies.anomaly import NO_ANOMALIES, Anomalies
from queries.identity.people import KnownUser
from queries.period import Period
from queries.report.acts import Act, OtherRows
from queries.report.coverage.values import Coverage
from queries.report.days import Day
from queries.report.kinds import Kinds
from queries.report.listing import Listing
from queries.report.page_one.made import NOT_TOLD, Made
from queries.report.sessions import Session
from store.reading.silences import NO_SILENCES, Silences

if TYPE_CHECKING:
    from queries.report.page_one.rules import Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`requests_without_time` are part of `requests`; 0 unless the period is open at both ends.

    `probable_duplicates` are part of `requests` too: they have no Ray ID and equal a request of
    another batch, so they may be that request, sent again. `confirmed` passed Access, which wrote the
    name. `bytes` went to the visitor, `bytes_received` came from the visitor, and
    `bytes_downloaded` are part of `bytes`. `first_received` and `last_received` are when the store
    got the requests.
    """

    requests: int
    probable_duplicates: int
    pages: int
    sessions: int
    hosts: int
    addresses: int
    bytes: int
    bytes_received: int
    refused: int
    requests_without_time: int
    confirmed: int = 0
    bytes_downloaded: int = 0
    first_received: datetime | None = None
    last_received: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Requests of one host, address, country or user agent.

    `identity` is "access" or "unconfirmed" for a host. For all others it is "unconfirmed" if no
    request is confirmed, and None otherwise.
    """

    value: str | None
    requests: int
    first_seen: datetime | None
    last_seen: datetime | None
    identity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Requests to one host and path template, without those that belong to another request."""

    host: str | None
    template: str | None
    requests: int
    pages: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Requests of one autonomous system; `number` is None where it was not logged.

    `identity` is "unconfirmed" if no request is confirmed, and None otherwise.
    """

    number: int | None
    requests: int
    addresses: int
    identity: str | None
    countries: tuple[str, ...]
    first_seen: datetime | None
    last_seen: datetime | None


NO_PLACES: Listing[Place] = Listing((), 0)
NO_NETWORKS: Listing[Network] = Listing((), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    seen_at: datetime | None
    method: str | None
    host: str | None
    uri: str | None
    status: int | None
    security_action: str | None
    ip: str | None
    country: str | None
    ray_id: str | None
    batch_id: str
    line_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """An event that Access logged: "login", "logout", "enrolment" or "other".

    `action` is as logged; `allowed` says whether it succeeded; `source` is where it was logged.
    """

    seen_at: datetime | None
    user_id: str
    event: str
    action: str | None
    allowed: bool | None
    application: str | None
    connection: str | None
    ip: str | None
    country: str | None
    ray_id: str | None
    source: str
    batch_id: str
    line_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvents:
    """How many events of each kind Access logged; `logins_refused` are part of `logins`."""

    logins: int = 0
    logins_refused: int = 0
    logouts: int = 0
    enrolments: int = 0
    others: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCount:
    """`host` None stands for all hosts that the chart does not name.

    `started_at` is a time of day in the zone of the report.
    """

    started_at: datetime
    host: str | None
    requests: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Requests over time; `bucket` is hour, day or month."""

    bucket: str
    counts: tuple[ActivityCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything a report says about one user in one period.

    `who` counts over the whole snapshot, everything else over the period. `first_seen` and
    `last_seen` are the times of the period's first and last request. `kinds` add up to the requests
    of `totals`. `elsewhere` counts what other datasets hold under the same names. `anomalies` are
    what is odd, with evidence. `silences` are times of the period without a received batch. `days` are
    those of `time_zone`, which is the name of a zone. `findings` is None where no rule was asked.
    """

    who: KnownUser
    asked: Period
    session_gap_seconds: float
    coverage: Coverage
    first_seen: datetime | None
    last_seen: datetime | None
    totals: Totals
    kinds: Kinds
    downloads: Listing[Act]
    changes: Listing[Act]
    sessions: Listing[Session]
    hosts: Listing[Use]
    addresses: Listing[Use]
    countries: Listing[Use]
    user_agents: Listing[Use]
    refused: Listing[Refusal]
    logins: Listing[Login]
    other_events: Listing[Login]
    access_events: AccessEvents
    activity: Activity
    elsewhere: tuple[OtherRows, ...] = ()
    anomalies: Anomalies = NO_ANOMALIES
    silences: Silences = NO_SILENCES
    time_zone: str = "UTC"
    days: tuple[Day, ...] = ()
    places: Listing[Place] = NO_PLACES
    networks: Listing[Network] = NO_NETWORKS
    made: Made = NOT_TOLD
    findings: "Findings | None" = None

    @property
    def folded_under_unshown(self) -> int:
        """Requests that belong to one that is no step here: before the period, or not shown."""
        shown = sum(
            step.requests_folded for session in self.sessions.shown for step in session.steps
        )
        return self.kinds.requests_folded - shown
