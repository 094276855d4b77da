"""The values of anomalies. Times are UTC without a zone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What is odd. The value is the name in JSON."""

    NO_LOGIN = "no_login"
    AFTER_LOGOUT = "traffic_after_logout"
    UNUSED_LOGIN = "login_without_requests"
    TWO_DEVICES = "two_devices_at_once"
    TWO_COUNTRIES = "two_countries_at_once"
    UNPROTECTED = "identity_on_unprotected_host"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One record: `what` is "request", "login" or "logout"."""

    what: str
    seen_at: datetime
    ray_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """`values` are the two devices or countries, or the application of the login or logout.

    `requests` is None where they are not counted.
    """

    kind: Kind
    started_at: datetime
    ended_at: datetime
    requests: int | None
    host: str | None = None
    values: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJudged:
    """Why anomalies of a kind are not claimed, in the whole period or for part of it."""

    kind: Kind
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomalies:
    """`found` in order of time; `left_out` more of the same kinds are not listed."""

    found: tuple[Anomaly, ...] = ()
    left_out: int = 0
    not_judged: tuple[NotJudged, ...] = ()


NO_ANOMALIES = Anomalies()
